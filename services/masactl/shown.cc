#include "services/masactl/shown.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "services/wire/utf8.h"

namespace masa::masactl {
namespace {

bool IsPlain(uint32_t point) {
  const bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  const bool ends_line = point == 0x2028 || point == 0x2029;
  const bool turns = point == 0x61c || point == 0x200e || point == 0x200f ||
                     (point >= 0x202a && point <= 0x202e) ||
                     (point >= 0x2066 && point <= 0x2069);
  return !is_control && !ends_line && !turns;
}

}  // namespace

std::string Shown(absl::string_view text) {
  std::string shown;
  while (!text.empty()) {
    uint32_t point = 0;
    const size_t octets = wire::TakeUtf8(text, &point);
    const absl::string_view taken = text.substr(0, octets == 0 ? 1 : octets);
    if (octets > 0 && IsPlain(point)) {
      absl::StrAppend(&shown, taken);
    } else {
      for (const char c : taken) {
        absl::StrAppend(&shown, "\\x",
                        absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2));
      }
    }
    text.remove_prefix(taken.size());
  }
  return shown;
}

}  // namespace masa::masactl
