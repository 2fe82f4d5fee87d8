// What a claim must be like, and what an operator's word makes of it: shared by
// all implementations, so that they decide alike. Pure.
#ifndef STORAGE_CLAIM_RULES_H_
#define STORAGE_CLAIM_RULES_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/audit_event.h"
#include "storage/claim_store.h"
#include "storage/device_changes.h"

namespace masa::storage {

// kStoreConflict when an id has not its length or a text cannot be stored.
absl::Status CheckClaim(const Claim& claim);

// kInvalidArgument when the reason cannot be stored or is over 200 octets;
// kClaimUnknown for an id that no claim can have.
absl::Status CheckClaimWord(const ClaimWord& word);

absl::Status ClaimUnknown();
absl::Status TooManyClaimsWait();

struct ClaimDecision {
  Claim claim;                      // as it shall stand
  std::optional<AuditEvent> event;  // none when nothing changes
};

// kClaimDecided after the other word.
absl::StatusOr<ClaimDecision> PlanDecision(Claim claim, const ClaimWord& word,
                                           const Change& change);

}  // namespace masa::storage

#endif  // STORAGE_CLAIM_RULES_H_
