// CSV (RFC 4180): reads record by record, strictly: a fault names its line.
// Not thread-safe.
#ifndef SERVICES_MASACTL_CSV_H_
#define SERVICES_MASACTL_CSV_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace masa::masactl {

struct CsvRecord {
  int line = 0;  // where it begins; the first line is 1
  std::vector<std::string> fields;
};

class CsvReader {
 public:
  // `input` outlives the reader, and is at the beginning of a line, number
  // `line`.
  explicit CsvReader(std::istream& input, int line = 1)
      : input_(input), line_(line) {}

  // Of what is read next.
  int line() const { return line_; }

  // The next record; one without fields at the end. Empty lines are skipped.
  // InvalidArgument for a quote that does not close or stands inside a field,
  // after which the reader is of no use.
  absl::StatusOr<CsvRecord> Next();

 private:
  absl::Status ReadQuoted(std::string* field);

  std::istream& input_;
  int line_;
};

// `value` as one field of a record, quoted where it has to be.
std::string CsvField(const std::string& value);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_CSV_H_
