#include "services/masactl/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/status/macros.h"

namespace masa::masactl {

absl::Status CsvReader::ReadQuoted(std::string* field) {
  const int begun = line_;
  for (int c = input_.get(); c != EOF; c = input_.get()) {
    if (c == '"' && input_.peek() != '"') {
      return absl::OkStatus();
    }
    if (c == '"') {
      input_.get();
    }
    line_ += c == '\n';
    *field += static_cast<char>(c);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("line ", begun, ": a quoted field does not end"));
}

absl::StatusOr<CsvRecord> CsvReader::Next() {
  while (input_.peek() == '\n' || input_.peek() == '\r') {
    line_ += input_.get() == '\n';
  }
  CsvRecord record;
  record.line = line_;
  if (input_.peek() == EOF) {
    return record;
  }
  record.fields.emplace_back();
  bool quoted = false;
  for (int c = input_.get(); c != EOF; c = input_.get()) {
    std::string& field = record.fields.back();
    if (c == '"' && field.empty() && !quoted) {
      MASA_RETURN_IF_ERROR(ReadQuoted(&field));
      quoted = true;
    } else if (c == ',') {
      record.fields.emplace_back();
      quoted = false;
    } else if (c == '\n') {
      ++line_;
      break;
    } else if (c == '"' || (quoted && c != '\r')) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", line_, ": a quote stands in the middle of a field"));
    } else if (c != '\r' || input_.peek() != '\n') {
      field += static_cast<char>(c);
    }
  }
  return record;
}

std::string CsvField(const std::string& value) {
  if (value.find_first_of(",\"\r\n") == std::string::npos) {
    return value;
  }
  return absl::StrCat("\"", absl::StrReplaceAll(value, {{"\"", "\"\""}}), "\"");
}

}  // namespace masa::masactl
