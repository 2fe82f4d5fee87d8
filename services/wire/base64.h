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

// Appends the form of RFC 7515, with the other alphabet and without padding.
void AppendBase64Url(absl::string_view octets, std::string* out);

// How much AppendBase64Url appends for so many octets.
constexpr size_t Base64UrlSize(size_t octets) { return (4 * octets + 2) / 3; }

// The octets of the padded standard form (RFC 7951 section 6.6), or nothing
// for any other text, line breaks and stray bits included.
std::optional<std::string> DecodeBase64(absl::string_view text);

// The octets of the form of RFC 7515 section 2, or nothing for any other text,
// padding and the standard alphabet included.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

// As the first, with either alphabet and with or without padding.
std::optional<std::string> DecodeBase64Leniently(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_BASE64_H_
