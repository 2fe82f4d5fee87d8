// What operators can do with claims that wait for their word, as use cases.
// Thread-safe; blocks. Every error carries a reason.
#ifndef SERVICES_ISSUANCE_CLAIM_DESK_H_
#define SERVICES_ISSUANCE_CLAIM_DESK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"
#include "storage/claim_store.h"

namespace masa::issuance {

class ClaimDesk {
 public:
  virtual ~ClaimDesk() = default;

  // Of the caller's tenant, oldest first.
  virtual absl::StatusOr<std::vector<storage::Claim>> ListClaims(
      const RequestContext& context, const identity::Principal& caller) = 0;

  // kClaimUnknown, also for claims of other tenants; kClaimDecided. Under an
  // id that stands for another call: kRequestIdReused.
  virtual absl::StatusOr<storage::Claim> DecideClaim(
      const RequestContext& context, const identity::Principal& caller,
      storage::ClaimWord word, const Once& once) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_CLAIM_DESK_H_
