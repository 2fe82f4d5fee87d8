#include "services/wire/json_text.h"

#include <cstdint>

namespace masa::wire {
namespace {

bool MustEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\';
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
