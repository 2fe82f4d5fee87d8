// PostgreSQL's text form of arrays, for parameters that unnest takes apart:
// libpqxx sends every parameter as text. Pure; thread-safe.
#ifndef STORAGE_POSTGRES_ARRAY_TEXT_H_
#define STORAGE_POSTGRES_ARRAY_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::storage {

// An array that grows element by element.
class ArrayText {
 public:
  void AddText(const std::string& value);
  void AddBytes(const std::string& octets);
  void AddInteger(int64_t value);
  void AddBoolean(bool value);
  void AddTime(absl::Time value);  // finite; microseconds are kept
  void AddNull();

  void AddOptionalText(const std::optional<std::string>& value);
  void AddOptionalBytes(const std::optional<std::string>& octets);
  void AddOptionalTime(const std::optional<absl::Time>& value);

  // The whole: `{"a",NULL}`.
  std::string Finish() const { return text_ + "}"; }

 private:
  void Separate();

  std::string text_ = "{";
};

// The text form of one bytea value: `\x0aff`.
std::string BytesText(absl::string_view octets);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ARRAY_TEXT_H_
