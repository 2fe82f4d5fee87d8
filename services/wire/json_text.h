// Text in JSON (RFC 8259). Used inside this room only.
#ifndef SERVICES_WIRE_JSON_TEXT_H_
#define SERVICES_WIRE_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace masa::wire {

// Appends `text`, which is UTF-8, in quotes and with what must be escaped
// escaped.
void AppendJsonString(absl::string_view text, std::string* out);

// Appends a code point that is not a surrogate, in UTF-8.
void AppendUtf8(unsigned code_point, std::string* out);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JSON_TEXT_H_
