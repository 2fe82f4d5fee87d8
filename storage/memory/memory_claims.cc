// The part of the store in memory that keeps claims, and lists what a customer
// owns.
#include <algorithm>
#include <tuple>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/claim_rules.h"
#include "storage/memory/memory_store.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

}  // namespace

absl::StatusOr<Claim> MemoryStore::Ask(const RequestContext& context,
                                       const Claim& claim) {
  MASA_RETURN_IF_ERROR(CheckClaim(claim));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const auto waiting =
      std::count_if(operator_claims_.begin(), operator_claims_.end(),
                    [&claim](const auto& item) {
                      const Claim& other = item.second;
                      return other.device_id == claim.device_id &&
                             other.state == ClaimState::kWaiting &&
                             other.asked_at > claim.asked_at - absl::Hours(24);
                    });
  const std::pair key = {claim.tenant_id, claim.claim_id};
  if (!operator_claims_.contains(key) && waiting >= kMostWaitingClaims) {
    return TooManyClaimsWait();
  }
  const auto stored = operator_claims_.emplace(key, claim).first;
  return fate == Fate::kStored ? absl::StatusOr<Claim>(Unavailable())
                               : stored->second;
}

absl::StatusOr<std::vector<Claim>> MemoryStore::ListWaiting(
    const RequestContext& context, const std::string& tenant_id, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<Claim> waiting;
  for (const auto& [key, claim] : operator_claims_) {
    if (claim.tenant_id == tenant_id && claim.state == ClaimState::kWaiting) {
      waiting.push_back(claim);
    }
  }
  std::sort(waiting.begin(), waiting.end(), [](const Claim& a, const Claim& b) {
    return std::tie(a.asked_at, a.claim_id) < std::tie(b.asked_at, b.claim_id);
  });
  waiting.resize(
      std::min(waiting.size(), static_cast<size_t>(std::max(limit, 0))));
  return waiting;
}

absl::StatusOr<Claim> MemoryStore::Decide(const RequestContext& context,
                                          const std::string& actor,
                                          absl::Time at,
                                          const ClaimWord& word) {
  MASA_RETURN_IF_ERROR(CheckClaimWord(word));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const auto found = operator_claims_.find({word.tenant_id, word.claim_id});
  if (found == operator_claims_.end()) {
    return ClaimUnknown();
  }
  MASA_ASSIGN_OR_RETURN(
      const ClaimDecision decision,
      PlanDecision(found->second, word, {actor, at, context.request_id}));
  if (!Remember(word.once)) {
    return RequestIsKnown();
  }
  found->second = decision.claim;
  if (decision.event) {
    Write({}, {*decision.event});
  }
  return fate == Fate::kStored ? absl::StatusOr<Claim>(Unavailable())
                               : decision.claim;
}

absl::StatusOr<std::vector<Device>> MemoryStore::ListOwned(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id, const DevicePlace& after, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  return DevicesWhere(tenant_id, after, limit, [&](const Device& device) {
    return !organization_id.empty() &&
           device.organization_id == organization_id && !device.deleted_at;
  });
}

absl::StatusOr<absl::Time> MemoryStore::OwnedSince(
    const RequestContext& context, const DevicePlace& device) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const auto history = histories_.find(device.device_id);
  return history == histories_.end() ? absl::InfinitePast()
                                     : history->second.back().entry.at;
}

}  // namespace masa::storage
