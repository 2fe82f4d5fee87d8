// Whether a registrar's chain is revoked (RFC 8995 section 5.5.3), judged by
// what was enclosed or fetched. The edge asks what to fetch; the authority
// decides. Pure.
#ifndef SERVICES_VOUCHER_REVOCATION_H_
#define SERVICES_VOUCHER_REVOCATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"
#include "services/voucher/case.h"

namespace masa::voucher {

// Reads the evidence on each certificate of the chain but its top, and whether
// that has an issuer to ask for, who was left out. Counts only what the issuer
// signed, or a responder that it issued for that.
RevocationState StateOf(const Registrar& registrar,
                        const wire::RevocationEvidence& evidence,
                        const Verifier& verifier, absl::Time now);

// The state by what was enclosed and what was fetched; kRegistrarRevoked for a
// chain that is, before any device is looked up.
absl::StatusOr<RevocationState> CheckNotRevoked(
    const Registrar& registrar, const wire::RevocationEvidence& enclosed,
    const wire::RevocationEvidence& fetched, const Verifier& verifier,
    absl::Time now);

// RV-06: kRevocationUnknown where the product wants fresh evidence and there is
// none, or the chain ends below the CA whose word it would be.
absl::Status CheckRevocation(const RevocationState& state,
                             const masa::v1::Product& product);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_REVOCATION_H_
