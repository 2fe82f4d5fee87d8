#include "services/wire/uuid_text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace masa::wire {

std::string UuidTextOf(const std::string& octets) {
  const std::string hex = absl::BytesToHexString(octets);
  return hex.size() != 32
             ? hex
             : absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-",
                            hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                            hex.substr(20));
}

}  // namespace masa::wire
