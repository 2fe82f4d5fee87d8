// Is this text a whole https URI that a device can go to? Asked of what owners
// record, and of what a voucher says (CR-14). Pure.
#ifndef SERVICES_WIRE_HTTPS_URI_H_
#define SERVICES_WIRE_HTTPS_URI_H_

#include "absl/strings/string_view.h"

namespace masa::wire {

constexpr size_t kLongestHttpsUri = 1024;  // octets

// An absolute URI (RFC 3986 section 4.3) of the scheme https, in lower case:
// a DNS name, an IPv4 address or an IPv6 address in brackets; a port, path and
// query where wanted. Neither user information nor fragment; names of other
// scripts as DNS has them.
bool IsHttpsUri(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_HTTPS_URI_H_
