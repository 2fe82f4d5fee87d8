// A property held against a seed, and against what is nearly it.
#ifndef SERVICES_WIRE_FUZZ_RUN_AROUND_H_
#define SERVICES_WIRE_FUZZ_RUN_AROUND_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace masa::wire {

// The seed whole, cut at every length, and with every octet changed.
inline void RunAround(void (*check)(absl::string_view),
                      const std::string& seed) {
  ASSERT_FALSE(seed.empty());
  check(seed);
  for (size_t length = 0; length < seed.size(); ++length) {
    check(absl::string_view(seed).substr(0, length));
  }
  std::string changed = seed;
  for (size_t i = 0; i < seed.size(); ++i) {
    for (const char mask : {'\x01', '\x20', '\xff'}) {
      changed[i] = static_cast<char>(seed[i] ^ mask);
      check(changed);
    }
    changed[i] = seed[i];
  }
}

}  // namespace masa::wire

#endif  // SERVICES_WIRE_FUZZ_RUN_AROUND_H_
