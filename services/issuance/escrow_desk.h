// What an owner gets to onboard its devices by when the manufacturer's service
// is gone, as a use case: the face only translates. Thread-safe; blocks. Every
// error carries a reason.
#ifndef SERVICES_ISSUANCE_ESCROW_DESK_H_
#define SERVICES_ISSUANCE_ESCROW_DESK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"

namespace masa::issuance {

struct SignedManifest {
  std::string manifest;  // as wire/escrow_manifest.h writes it
  std::string signature;
  std::string key;                     // that signed it
  std::vector<std::string> chain_der;  // signer first, anchor last
};

class EscrowDesk {
 public:
  virtual ~EscrowDesk() = default;

  // Says what is in the archive of an ended voucher job, and what verifies it;
  // an audit event stands before the answer. kJobUnknown for unknown and
  // foreign jobs alike (16 octets), kJobNotEnded, kJobEnded for one that did
  // not succeed, kJobResultGone; kInvalidArgument for one that was not for all
  // devices of an organisation; kMisconfigured where the tenant's ownership
  // histories or the audit log are not signed.
  virtual absl::StatusOr<SignedManifest> SignManifest(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& job_id) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ESCROW_DESK_H_
