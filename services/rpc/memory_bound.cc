#include "services/rpc/memory_bound.h"

#include <cstdint>
#include <fstream>

#include "absl/strings/numbers.h"

namespace masa::rpc {

size_t ListenerMemory(const std::string& file) {
  std::string text;
  uint64_t octets = 0;
  std::ifstream stream(file);
  return std::getline(stream, text) && absl::SimpleAtoi(text, &octets)
             ? static_cast<size_t>(octets / 4)
             : 0;
}

}  // namespace masa::rpc
