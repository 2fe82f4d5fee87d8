// What the fuzzers of whole requests have in common.
#ifndef SERVICES_ISSUANCE_FUZZ_PATCHED_H_
#define SERVICES_ISSUANCE_FUZZ_PATCHED_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace masa::issuance {

// A good request, broken: each three octets of `data` are a place and what to
// put there.
inline std::string Patched(std::string request, const uint8_t* data,
                           size_t size) {
  for (size_t i = 0; i + 2 < size && !request.empty(); i += 3) {
    const size_t at = (data[i] << 8 | data[i + 1]) % request.size();
    request[at] = static_cast<char>(data[i + 2]);
  }
  return request;
}

// Ends the program, for the fuzzer to see.
inline void Require(bool holds) {
  if (!holds) {
    __builtin_trap();
  }
}

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_FUZZ_PATCHED_H_
