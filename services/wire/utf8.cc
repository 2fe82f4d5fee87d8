#include "services/wire/utf8.h"

namespace masa::wire {

size_t TakeUtf8(absl::string_view text, uint32_t* code_point) {
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t octets = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < octets || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4) {
    return 0;
  }
  uint32_t point = octets == 1 ? lead : lead & (0x7f >> octets);
  for (size_t i = 1; i < octets; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) {
      return 0;
    }
    point = point << 6 | (next & 0x3f);
  }
  const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < kSmallest[octets] || is_surrogate || point > 0x10ffff) {
    return 0;
  }
  *code_point = point;
  return octets;
}

bool IsUtf8(absl::string_view text) {
  uint32_t point = 0;
  for (size_t i = 0; i < text.size();) {
    if (static_cast<uint8_t>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const size_t octets = TakeUtf8(text.substr(i), &point);
    if (octets == 0) {
      return false;
    }
    i += octets;
  }
  return true;
}

}  // namespace masa::wire
