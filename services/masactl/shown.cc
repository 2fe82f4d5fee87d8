#include "services/masactl/shown.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace masa::masactl {
namespace {

// How many octets the first character of `text` has; 0: it is none.
size_t TakePoint(absl::string_view text, uint32_t* point) {
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t octets = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < octets || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4) {
    return 0;
  }
  *point = octets == 1 ? lead : lead & (0x7f >> octets);
  for (size_t i = 1; i < octets; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) {
      return 0;
    }
    *point = *point << 6 | (next & 0x3f);
  }
  const bool is_surrogate = *point >= 0xd800 && *point <= 0xdfff;
  return *point < kSmallest[octets] || is_surrogate || *point > 0x10ffff
             ? 0
             : octets;
}

bool IsPlain(uint32_t point) {
  const bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  const bool ends_line = point == 0x2028 || point == 0x2029;
  const bool turns = point == 0x61c || point == 0x200e || point == 0x200f ||
                     (point >= 0x202a && point <= 0x202e) ||
                     (point >= 0x2066 && point <= 0x2069);
  return !is_control && !ends_line && !turns;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  uint32_t point = 0;
  while (!text.empty()) {
    const size_t octets = TakePoint(text, &point);
    if (octets == 0) {
      return false;
    }
    text.remove_prefix(octets);
  }
  return true;
}

std::string Shown(absl::string_view text) {
  std::string shown;
  while (!text.empty()) {
    uint32_t point = 0;
    const size_t octets = TakePoint(text, &point);
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
