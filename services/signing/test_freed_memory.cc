#include "services/signing/test_freed_memory.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

constexpr size_t kLargeOctets = 32 * 1024;
constexpr size_t kBefore = alignof(std::max_align_t);

int large_blocks = 0;
int large_blocks_with_contents = 0;

}  // namespace

// The size stands before the block: clang does not say it on deletion.
void* operator new(size_t size) {
  auto* whole = static_cast<unsigned char*>(std::malloc(kBefore + size));
  if (whole == nullptr) {
    std::abort();
  }
  std::memcpy(whole, &size, sizeof(size));
  return whole + kBefore;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) {
    return;
  }
  unsigned char* whole = static_cast<unsigned char*>(block) - kBefore;
  size_t size = 0;
  std::memcpy(&size, whole, sizeof(size));
  if (size >= kLargeOctets) {
    const auto* octets = static_cast<const volatile unsigned char*>(block);
    unsigned char any = 0;
    for (size_t i = 0; i < size; ++i) {
      any |= octets[i];
    }
    ++large_blocks;
    large_blocks_with_contents += any != 0 ? 1 : 0;
  }
  std::free(whole);
}

void operator delete(void* block, size_t) noexcept { operator delete(block); }

namespace masa::signing {

int LargeBlocksFreed() { return large_blocks; }
int LargeBlocksFreedWithContents() { return large_blocks_with_contents; }

}  // namespace masa::signing
