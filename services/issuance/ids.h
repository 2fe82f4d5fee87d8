// Ids that the application makes: no sequence orders the write path.
#ifndef SERVICES_ISSUANCE_IDS_H_
#define SERVICES_ISSUANCE_IDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::issuance {

// 16 octets of a UUIDv7 (RFC 9562 section 5.7): milliseconds, then randomness.
std::string NewId(absl::Time now);

// 32 octets.
std::string Sha256(absl::string_view octets);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_IDS_H_
