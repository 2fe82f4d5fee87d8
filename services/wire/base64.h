// Base64 of RFC 4648 for public data: strict, quick, not constant-time. Used
// inside this room only.
#ifndef SERVICES_WIRE_BASE64_H_
#define SERVICES_WIRE_BASE64_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace masa::wire {

// Appends the padded standard form of `octets` to `out`, without line breaks.
void AppendBase64(absl::string_view octets, std::string* out);

// The octets of the padded standard form (RFC 7951 section 6.6), or nothing
// for any other text, line breaks and stray bits included.
std::optional<std::string> DecodeBase64(absl::string_view text);

// As above, with either alphabet and with or without padding.
std::optional<std::string> DecodeBase64Leniently(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_BASE64_H_
