#include "storage/postgres/array_text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace masa::storage {

void ArrayText::Separate() {
  if (text_.size() > 1) {
    text_ += ',';
  }
}

void ArrayText::AddText(const std::string& value) {
  Separate();
  // Always quoted: an unquoted NULL, brace, comma or space means something.
  text_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
    }
    text_ += c;
  }
  text_ += '"';
}

void ArrayText::AddBytes(const std::string& octets) {
  Separate();
  text_ += "\"\\\\x";
  text_ += absl::BytesToHexString(octets);
  text_ += '"';
}

void ArrayText::AddInteger(int64_t value) {
  Separate();
  absl::StrAppend(&text_, value);
}

void ArrayText::AddBoolean(bool value) {
  Separate();
  text_ += value ? 't' : 'f';
}

void ArrayText::AddTime(absl::Time value) {
  Separate();
  text_ += absl::FormatTime("\"%Y-%m-%d %H:%M:%E6S+00\"", value,
                            absl::UTCTimeZone());
}

void ArrayText::AddNull() {
  Separate();
  text_ += "NULL";
}

void ArrayText::AddOptionalText(const std::optional<std::string>& value) {
  value.has_value() ? AddText(*value) : AddNull();
}

void ArrayText::AddOptionalBytes(const std::optional<std::string>& octets) {
  octets.has_value() ? AddBytes(*octets) : AddNull();
}

void ArrayText::AddOptionalTime(const std::optional<absl::Time>& value) {
  value.has_value() ? AddTime(*value) : AddNull();
}

std::string BytesText(absl::string_view octets) {
  return absl::StrCat("\\x", absl::BytesToHexString(octets));
}

}  // namespace masa::storage
