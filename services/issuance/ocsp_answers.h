// Answers of OCSP about certificates that we issued, signed as many at a time
// as there are: for the use cases that tell them and that sign them ahead.
#ifndef SERVICES_ISSUANCE_OCSP_ANSWERS_H_
#define SERVICES_ISSUANCE_OCSP_ANSWERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/issuance/ca_key.h"
#include "services/issuance/enroll_certificates.h"
#include "storage/status_store.h"

namespace masa::issuance {

// A CA as it signed, whichever key signs now: of `version`, as a certificate
// was recorded with it. kKeyUnknown, kSignerUnavailable; kMisconfigured when
// it has no certificate.
absl::StatusOr<CaKey> CaOf(const RequestContext& context,
                           signing::Signer& signer, const std::string& version);

struct OcspOrder {
  storage::IssuedCertificate certificate;
  std::string cert_id_der;  // as it was asked; empty: the usual one
};

// What is to be signed of an order; `status` lacks its response until then.
struct OcspDraft {
  storage::SignedStatus status;
  std::string data_der;

  signing::ToBeSigned Item() const {
    return signing::ToBeSigned::OcspResponse(data_der);
  }
};

// Good from `now` for `time`, with its next turn at half of that.
OcspDraft DraftFor(const OcspOrder& order, const CaKey& ca, absl::Time now,
                   absl::Duration time);

// The draft with the CA's signature of it.
storage::SignedStatus StatusOf(OcspDraft draft, const CaKey& ca,
                               const std::string& signature);

// One for each order, in order; signed with the key that signed the
// certificate, those of one key in one turn. Each is good from `now` for as
// long as its profile says, and has its next turn at half of that. An order
// fails alone, with what the signer says.
std::vector<absl::StatusOr<storage::SignedStatus>> SignAnswers(
    const RequestContext& context, const EnrollmentTools& tools,
    absl::Span<const OcspOrder> orders, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_OCSP_ANSWERS_H_
