// Checks of options that are numbers: CLI11's own name a range of numbers with
// hundreds of digits, and take -1 for 2^64-1. For files that add words.
#ifndef SERVICES_MASACTL_POSITIVE_COUNT_H_
#define SERVICES_MASACTL_POSITIVE_COUNT_H_

#include <cstdint>
#include <limits>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace masa::masactl {

// Takes whole numbers from 1 on that an int holds; others are named in a
// sentence.
inline CLI::Validator PositiveCount() {
  return CLI::Validator(
      [](const std::string& text) {
        int32_t count = 0;
        return absl::SimpleAtoi(text, &count) && count > 0
                   ? std::string()
                   : absl::StrCat("a whole number from 1 to ",
                                  std::numeric_limits<int32_t>::max(),
                                  " is needed, not ", text);
      },
      "");
}

// Takes numbers of entries in a log, from 0 on.
inline CLI::Validator LogPlace() {
  return CLI::Validator(
      [](const std::string& text) {
        int64_t place = 0;
        return absl::SimpleAtoi(text, &place) && place >= 0
                   ? std::string()
                   : absl::StrCat("a whole number from 0 to ",
                                  std::numeric_limits<int64_t>::max(),
                                  " is needed, not ", text);
      },
      "");
}

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_POSITIVE_COUNT_H_
