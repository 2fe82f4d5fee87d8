// The CA behind an enrolment profile, as its key is now.
#ifndef SERVICES_ISSUANCE_CA_KEY_H_
#define SERVICES_ISSUANCE_CA_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/signing/signer.h"
#include "services/wire/certificate.h"

namespace masa::issuance {

struct CaKey {
  signing::KeyDescription key;    // its name is that of the version in force
  wire::Certificate certificate;  // the first of its chain
};

// The CA that this key is, as it is described; kMisconfigured when it is not
// for certificates, or its first certificate is not one of a CA with a key
// identifier.
absl::StatusOr<CaKey> CaWith(signing::KeyDescription key);

// kKeyUnknown, kSignerUnavailable; kMisconfigured when the key is not for
// certificates, or its first certificate is not one of a CA with a key
// identifier.
absl::StatusOr<CaKey> CaKeyOf(const RequestContext& context,
                              signing::Signer& signer,
                              const std::string& signing_key);

// The same, of the very version that is named, which may be an older one.
// kStateNotAllowed when it signs no more at `now`.
absl::StatusOr<CaKey> CaVersionOf(const RequestContext& context,
                                  signing::Signer& signer,
                                  const std::string& version, absl::Time now);

// kMisconfigured unless what this CA issues is trusted as the tenant's IDevIDs
// (ES: a device that enrols is ready for BRSKI).
absl::Status CheckIssuesIdevids(const masa::v1::Tenant& tenant,
                                const CaKey& ca);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_CA_KEY_H_
