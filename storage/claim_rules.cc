#include "storage/claim_rules.h"

#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kIdOctets = 16;
constexpr size_t kHashOctets = 32;
constexpr size_t kLongestReason = 200;

}  // namespace

absl::Status CheckClaim(const Claim& claim) {
  const bool fits = claim.claim_id.size() == kIdOctets &&
                    claim.device_id.size() == kIdOctets &&
                    claim.pinned_spki_sha256.size() == kHashOctets &&
                    IsStorableText(claim.tenant_id) &&
                    IsStorableText(claim.serial_number);
  return fits ? absl::OkStatus()
              : Refuse(Reason::kStoreConflict,
                       "an id, hash or text of the claim cannot be stored");
}

absl::Status CheckClaimWord(const ClaimWord& word) {
  if (word.claim_id.size() != kIdOctets || !IsStorableText(word.tenant_id)) {
    return ClaimUnknown();
  }
  if (!IsStorableText(word.reason) || word.reason.size() > kLongestReason) {
    return Refuse(Reason::kInvalidArgument,
                  "reason is not UTF-8 or longer than 200 octets");
  }
  return absl::OkStatus();
}

absl::Status ClaimUnknown() {
  return Refuse(Reason::kClaimUnknown, "there is no such claim");
}

absl::Status TooManyClaimsWait() {
  return RefuseFor(absl::Hours(1), Reason::kRateLimited,
                   "too many claims of this device wait for the "
                   "manufacturer's approval");
}

absl::StatusOr<ClaimDecision> PlanDecision(Claim claim, const ClaimWord& word,
                                           const Change& change) {
  const ClaimState state =
      word.approved ? ClaimState::kApproved : ClaimState::kDeclined;
  if (claim.state == state) {
    return ClaimDecision{std::move(claim), std::nullopt};
  }
  if (claim.state != ClaimState::kWaiting) {
    return Refuse(Reason::kClaimDecided,
                  "the other word was said of this claim already");
  }
  claim.state = state;
  claim.reason = word.approved ? "" : word.reason;
  AuditEvent event =
      ClaimEvent(word.approved ? kClaimApproved : kClaimDeclined, claim,
                 change.actor, change.at, change.request_id);
  return ClaimDecision{std::move(claim), std::move(event)};
}

}  // namespace masa::storage
