#include "services/wire/json_text.h"

#include <cstdint>

namespace masa::wire {
namespace {

bool MustEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\';
}

// Octets after the first of a sequence that begins with `lead`; -1 when no
// sequence does.
int Followers(uint8_t lead) {
  if (lead < 0x80) {
    return 0;
  }
  if (lead >= 0xc2 && lead < 0xe0) {
    return 1;
  }
  if (lead >= 0xe0 && lead < 0xf0) {
    return 2;
  }
  return lead >= 0xf0 && lead < 0xf5 ? 3 : -1;
}

// Whether `second` may follow `lead`, which closes long forms, surrogates and
// what lies past U+10FFFF.
bool MayFollow(uint8_t lead, uint8_t second) {
  const uint8_t lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= lowest && second <= highest;
}

}  // namespace

void AppendJsonString(absl::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!MustEscape(c)) {
      continue;
    }
    out->append(text.data() + plain, i - plain);
    plain = i + 1;
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else {
      out->append("\\u00");
      out->push_back(kHex[c >> 4]);
      out->push_back(kHex[c & 15]);
    }
  }
  out->append(text.data() + plain, text.size() - plain);
  out->push_back('"');
}

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const uint8_t lead = static_cast<uint8_t>(text[i++]);
    const int followers = Followers(lead);
    if (followers < 0 || text.size() - i < static_cast<size_t>(followers)) {
      return false;
    }
    if (followers > 0 && !MayFollow(lead, static_cast<uint8_t>(text[i]))) {
      return false;
    }
    for (int k = 0; k < followers; ++k, ++i) {
      if ((static_cast<uint8_t>(text[i]) & 0xc0) != 0x80) {
        return false;
      }
    }
  }
  return true;
}

void AppendUtf8(unsigned code_point, std::string* out) {
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
    return;
  }
  if (code_point < 0x800) {
    out->push_back(static_cast<char>(0xc0 | code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      out->push_back(static_cast<char>(0xe0 | code_point >> 12));
    } else {
      out->push_back(static_cast<char>(0xf0 | code_point >> 18));
      out->push_back(static_cast<char>(0x80 | (code_point >> 12 & 63)));
    }
    out->push_back(static_cast<char>(0x80 | (code_point >> 6 & 63)));
  }
  out->push_back(static_cast<char>(0x80 | (code_point & 63)));
}

}  // namespace masa::wire
