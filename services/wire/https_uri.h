// Is this text a whole https URI that a device can go to? Asked of what owners
// record, and of what a voucher says (CR-14). Pure.
#ifndef SERVICES_WIRE_HTTPS_URI_H_
#define SERVICES_WIRE_HTTPS_URI_H_

#include "absl/strings/string_view.h"

namespace masa::wire {

constexpr size_t kLongestHttpsUri = 1024;  // octets

// A host's name in DNS (RFC 1035 section 2.3.1, RFC 1123 section 2.1): labels
// of 1 to 63 letters, digits and inner hyphens, 253 octets at most. What ends
// in a number is an address or nothing, and no name.
bool IsHostName(absl::string_view text);

// An absolute URI (RFC 3986 section 4.3) of the scheme https, in lower case:
// a DNS name, an IPv4 address or an IPv6 address in brackets; a port, path and
// query where wanted. Neither user information nor fragment; names of other
// scripts as DNS has them.
bool IsHttpsUri(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_HTTPS_URI_H_
