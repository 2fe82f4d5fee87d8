// What makes a nonce well-formed. Used inside this room only.
#ifndef SERVICES_WIRE_NONCE_H_
#define SERVICES_WIRE_NONCE_H_

#include "absl/strings/string_view.h"

namespace masa::wire {

// Whether `nonce` stands for 8 to 32 octets (RFC 8366 section 5.3, PV-13) and
// can be stored as text.
bool IsNonce(absl::string_view nonce);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_NONCE_H_
