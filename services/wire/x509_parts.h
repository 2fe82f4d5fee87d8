// Pieces that certificates, CRLs and OCSP responses share. Used inside this
// room only.
#ifndef SERVICES_WIRE_X509_PARTS_H_
#define SERVICES_WIRE_X509_PARTS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "openssl/bytestring.h"
#include "services/wire/revocation.h"

namespace masa::wire {

// Takes a UTCTime or GeneralizedTime; false, and nothing taken, for another
// element or a time that does not parse.
bool TakeX509Time(CBS* from, absl::Time* time);

// Takes AlgorithmIdentifier and BIT STRING over `signed_octets`. False for an
// algorithm that is not known here.
bool TakeX509Signature(CBS* from, absl::string_view signed_octets,
                       X509Signature* signature);

// SHA-1, for the names that others hashed with it.
std::string Sha1Of(absl::string_view octets);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_X509_PARTS_H_
