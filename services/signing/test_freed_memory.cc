#include "services/signing/test_freed_memory.h"

#include <cstdlib>
#include <new>

namespace {

int large_blocks = 0;
int large_blocks_with_contents = 0;

}  // namespace

void* operator new(size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) {
    std::abort();
  }
  return block;
}

void operator delete(void* block) noexcept { std::free(block); }

void operator delete(void* block, size_t size) noexcept {
  constexpr size_t kLargeOctets = 32 * 1024;
  if (size >= kLargeOctets) {
    const auto* octets = static_cast<const volatile unsigned char*>(block);
    unsigned char any = 0;
    for (size_t i = 0; i < size; ++i) {
      any |= octets[i];
    }
    ++large_blocks;
    large_blocks_with_contents += any != 0 ? 1 : 0;
  }
  std::free(block);
}

namespace masa::signing {

int LargeBlocksFreed() { return large_blocks; }
int LargeBlocksFreedWithContents() { return large_blocks_with_contents; }

}  // namespace masa::signing
