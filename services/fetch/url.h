// The URLs that can be asked: http, as CRLs and OCSP are published (RFC 5280
// section 8 warns of https for them: it may need the very answer), and https.
#ifndef SERVICES_FETCH_URL_H_
#define SERVICES_FETCH_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::fetch {

struct Url {
  std::string host;    // a name or an address, no brackets
  std::string port;    // "80" or "443" unless named
  std::string target;  // path and query, begins with '/'
  bool tls = false;

  std::string HostHeader() const;
};

// kInvalidArgument for another scheme, user information, control characters,
// or more than 2,048 octets.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_URL_H_
