// A claim of a product with `approval` waits for an operator's word (EP-41,
// AMB-15). Called when every rule has agreed, right before the voucher is made.
#ifndef SERVICES_ISSUANCE_APPROVAL_H_
#define SERVICES_ISSUANCE_APPROVAL_H_

#include <string>

#include "absl/status/status.h"
#include "services/observe/request_context.h"
#include "services/voucher/judge.h"
#include "storage/claim_store.h"
#include "storage/device.h"

namespace masa::issuance {

// What is asked for: the same for every repeat of a request, and for a request
// that a registrar signs anew over the pledge's nonce. Without a nonce the
// request itself counts.
storage::Claim ClaimOf(const storage::Device& device,
                       const voucher::Verdict& verdict,
                       const std::string& request_digest, absl::Time now);

// OK where the product asks for no approval and where the operator has said
// yes. kApprovalPending with the time to wait; kApprovalDeclined with the
// operator's reason.
absl::Status CheckApproved(const RequestContext& context,
                           const masa::v1::Product& product,
                           const storage::Claim& claim,
                           storage::ClaimStore& claims);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_APPROVAL_H_
