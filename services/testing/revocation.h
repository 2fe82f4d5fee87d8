// CRLs and OCSP responses as a customer's CA would make them.
#ifndef SERVICES_TESTING_REVOCATION_H_
#define SERVICES_TESTING_REVOCATION_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

struct RevocationSpec {
  absl::Time this_update;
  absl::Time next_update;
  std::vector<Identity> revoked;
  // issuingDistributionPoint as OpenSSL writes it: onlyCA:TRUE,
  // fullname:URI:http://x; empty: none. Of a CRL only.
  std::string scope = "";
};

// A CRL, DER, signed by `ca`.
std::string MakeCrl(const Identity& ca, const RevocationSpec& spec);

// An OCSP response, DER, on `subject` issued by `ca`, signed by `responder`,
// whose certificate it encloses when it is not the CA itself. Revoked when
// `spec` names the subject.
std::string MakeOcspResponse(const Identity& ca, const Identity& subject,
                             const Identity& responder,
                             const RevocationSpec& spec);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_REVOCATION_H_
