#include "services/wire/uuid_text.h"

#include "absl/strings/escaping.h"

namespace masa::wire {

std::string UuidTextOf(const std::string& octets) {
  std::string text = absl::BytesToHexString(octets);
  if (text.size() == 32) {
    for (const size_t hyphen : {8, 13, 18, 23}) {
      text.insert(hyphen, 1, '-');
    }
  }
  return text;
}

}  // namespace masa::wire
