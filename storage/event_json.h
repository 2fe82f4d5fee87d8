// JSON as audit events have it, in the form of RFC 8785: no spaces, nothing
// escaped that need not be. Written for every voucher and every certificate,
// so without a tree of values. Pure.
#ifndef STORAGE_EVENT_JSON_H_
#define STORAGE_EVENT_JSON_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::storage {

// An object whose members stand in the order in which they are added: whoever
// adds them keeps to that of their names. Texts are UTF-8.
class EventJson {
 public:
  EventJson() { json_.reserve(1024); }

  void AddNumber(absl::string_view name, int64_t value);
  void AddText(absl::string_view name, absl::string_view text);
  // In hexadecimal; left out where there are none.
  void AddOctets(absl::string_view name, absl::string_view octets);
  // RFC 3339 with microseconds.
  void AddMoment(absl::string_view name, absl::Time time);
  // JSON already.
  void AddValue(absl::string_view name, absl::string_view json);

  // The whole object, which is empty after it.
  std::string Finish();

 private:
  void Name(absl::string_view name);

  std::string json_;
};

// A text as a value.
std::string JsonText(absl::string_view text);

}  // namespace masa::storage

#endif  // STORAGE_EVENT_JSON_H_
