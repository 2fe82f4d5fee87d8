// A registrar: turns a pledge's request into its own and asks the MASA, as
// RFC 8995 sections 5.5 and 5.8 say. Immutable, so thread-safe.
#ifndef SERVICES_TESTING_REGISTRAR_H_
#define SERVICES_TESTING_REGISTRAR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/testing/cms_sign.h"
#include "services/testing/https_client.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

class Registrar {
 public:
  // `chain_der` are the issuers of the registrar's certificate, up to the
  // domain CA; requests and the TLS handshake enclose them.
  Registrar(Identity identity, std::vector<std::string> chain_der);

  // The leaves for a pledge's request: serial number and idevid-issuer are
  // those of the IDevID that the pledge showed, the nonce is that of the
  // request, which goes along whole. Fails when the request does not parse. A
  // test may change the leaves before it signs.
  absl::StatusOr<RequestLeaves> LeavesFor(const std::string& pledge_request,
                                          const Identity& idevid,
                                          absl::Time now) const;

  // The request that says `leaves`, in CMS, with the registrar's chain.
  std::string Sign(const RequestLeaves& leaves, CmsOptions options = {}) const;

  // A connection to the MASA as this registrar.
  absl::StatusOr<std::unique_ptr<HttpsClient>> Connect(
      const HttpsServer& masa) const;

  // POSTs a request to requestvoucher; the answer whatever its status.
  static absl::StatusOr<HttpAnswer> RequestVoucher(HttpsClient& masa,
                                                   const std::string& request);

  // POSTs the same request to requestauditlog (RFC 8995 section 5.8).
  static absl::StatusOr<HttpAnswer> RequestAuditLog(HttpsClient& masa,
                                                    const std::string& request);

  const Identity& identity() const { return identity_; }
  const std::vector<std::string>& chain_der() const { return chain_der_; }

 private:
  const Identity identity_;
  const std::vector<std::string> chain_der_;
};

// The whole extnValue of the certificate's authority key identifier, as it
// stands in idevid-issuer (RV-15); empty when there is none.
std::string AuthorityKeyIdValue(X509* certificate);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_REGISTRAR_H_
