// A check of options that say how many: CLI11's own names a range of numbers
// with hundreds of digits. For files that add words.
#ifndef SERVICES_MASACTL_POSITIVE_COUNT_H_
#define SERVICES_MASACTL_POSITIVE_COUNT_H_

#include <cstdint>
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
                   : absl::StrCat("a whole number from 1 on is needed, not ",
                                  text);
      },
      "");
}

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_POSITIVE_COUNT_H_
