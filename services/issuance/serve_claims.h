// The use cases of claim_desk.h: for operators, within their tenant.
#ifndef SERVICES_ISSUANCE_SERVE_CLAIMS_H_
#define SERVICES_ISSUANCE_SERVE_CLAIMS_H_

#include "services/issuance/answer_registrar.h"
#include "services/issuance/claim_desk.h"

namespace masa::issuance {

class ServeClaims final : public ClaimDesk {
 public:
  explicit ServeClaims(const Tools& tools) : tools_(tools) {}

  absl::StatusOr<std::vector<storage::Claim>> ListClaims(
      const RequestContext& context,
      const identity::Principal& caller) override;
  absl::StatusOr<storage::Claim> DecideClaim(const RequestContext& context,
                                             const identity::Principal& caller,
                                             storage::ClaimWord word,
                                             const Once& once) override;

 private:
  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_CLAIMS_H_
