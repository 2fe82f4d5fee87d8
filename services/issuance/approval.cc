#include "services/issuance/approval.h"

#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

storage::Claim ClaimOf(const storage::Device& device,
                       const voucher::Verdict& verdict,
                       const std::string& request_digest, absl::Time now) {
  const std::string& spki_sha256 = verdict.pin.certificate->spki_sha256;
  const auto& nonce = verdict.voucher.nonce;
  storage::Claim claim;
  // All but the last part have a fixed length.
  claim.claim_id =
      Sha256(absl::StrCat(device.device_id, spki_sha256, nonce ? "n" : "r",
                          nonce ? *nonce : request_digest))
          .substr(0, 16);
  claim.tenant_id = device.tenant_id;
  claim.bucket = device.bucket;
  claim.device_id = device.device_id;
  claim.serial_number = device.serial_number;
  claim.domain_id = verdict.pin.DomainId();
  claim.pinned_spki_sha256 = spki_sha256;
  claim.asked_at = now;
  return claim;
}

absl::Status CheckApproved(const RequestContext& context,
                           const masa::v1::Product& product,
                           const storage::Claim& claim,
                           storage::ClaimStore& claims) {
  if (!product.approval()) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(const storage::Claim stands,
                        claims.Ask(context, claim));
  switch (stands.state) {
    case storage::ClaimState::kApproved:
      return absl::OkStatus();
    case storage::ClaimState::kDeclined:
      return Refuse(
          Reason::kApprovalDeclined,
          absl::StrCat("the manufacturer has declined this claim",
                       stands.reason.empty() ? "" : ": ", stands.reason));
    default:
      return RefuseFor(absl::Minutes(1), Reason::kApprovalPending,
                       "the request is accepted and waits for the "
                       "manufacturer's approval; repeat it later");
  }
}

}  // namespace masa::issuance
