// A key for a device that cannot make one (RFC 7030 section 4.4): made for one
// answer, in memory alone, and forgotten with it.
#ifndef SERVICES_ISSUANCE_SERVER_KEYGEN_H_
#define SERVICES_ISSUANCE_SERVER_KEYGEN_H_

#include "absl/status/status.h"
#include "services/issuance/application.h"

namespace masa::issuance {

// Makes a key of the first kind that the profile issues, puts its public half
// into the request and the private one into the answer, which nobody sees
// before the certificate is stored. kSignerUnavailable when BoringSSL fails.
absl::Status MakeKey(Application& application);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVER_KEYGEN_H_
