#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckRecordedOwner(const masa::v1::Product& product,
                                const storage::OwnershipStanding& standing) {
  return product.ownership() == masa::v1::OWNERSHIP_RULE_FIRST_CLAIM &&
                 standing.owner_recorded && !standing.is_owner
             ? Refuse(Reason::kOwnerMismatch,
                      "the device belongs to another customer")
             : absl::OkStatus();
}

absl::Status CheckClaimLock(const Case& facts) {
  return CheckClaimLock(facts.product, facts.standing, facts.history,
                        facts.registrar.SpkiHashes());
}

absl::Status CheckClaimLock(const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing,
                            absl::Span<const storage::IssuedVoucher> history,
                            const std::vector<std::string>& chain_spki_sha256) {
  MASA_RETURN_IF_ERROR(CheckRecordedOwner(product, standing));
  if (product.ownership() != masa::v1::OWNERSHIP_RULE_FIRST_CLAIM ||
      standing.is_owner) {
    return absl::OkStatus();
  }
  // Newest first; the first claim is the last entry.
  return history.empty() || IssuedTo(history.back(), chain_spki_sha256)
             ? absl::OkStatus()
             : Refuse(Reason::kOwnerMismatch,
                      "another domain holds an outstanding voucher for this "
                      "device; the manufacturer can release it");
}

absl::Status CheckClaimInterval(const Case& facts) {
  return CheckClaimInterval(facts.product, facts.history,
                            facts.registrar.SpkiHashes(), facts.now);
}

absl::Status CheckClaimInterval(
    const masa::v1::Product& product,
    absl::Span<const storage::IssuedVoucher> history,
    const std::vector<std::string>& chain_spki_sha256, absl::Time now) {
  const absl::Duration interval = ClaimInterval(product);
  if (interval == absl::ZeroDuration()) {
    return absl::OkStatus();
  }
  for (const storage::IssuedVoucher& issued : history) {
    if (issued.created_on > now - interval &&
        !IssuedTo(issued, chain_spki_sha256)) {
      return RefuseFor(issued.created_on + interval - now, Reason::kRateLimited,
                       "another domain got a voucher for this device a moment "
                       "ago; try again later");
    }
  }
  return absl::OkStatus();
}

absl::Time RegistrarWindow(const masa::v1::Tenant& tenant, absl::Time now) {
  const absl::Duration interval = RegistrarInterval(tenant);
  return now - (now - absl::UnixEpoch()) % interval;
}

absl::Status CheckRegistrarLimit(const masa::v1::Tenant& tenant, int64_t claims,
                                 absl::Time now) {
  if (!tenant.has_registrar_limit() ||
      claims < tenant.registrar_limit().vouchers()) {
    return absl::OkStatus();
  }
  const absl::Time next =
      RegistrarWindow(tenant, now) + RegistrarInterval(tenant);
  return RefuseFor(next - now, Reason::kRateLimited,
                   "this registrar has got as many vouchers as it may for "
                   "now; try again later");
}

bool IsReused(const std::string& prior_digest,
              absl::Span<const storage::IssuedVoucher> history,
              const Registrar& registrar) {
  return std::any_of(history.begin(), history.end(), [&](const auto& issued) {
    return issued.prior_digest == prior_digest && !IssuedTo(issued, registrar);
  });
}

bool IsClaimedByAnother(absl::Span<const storage::IssuedVoucher> history,
                        const Registrar& registrar) {
  return std::any_of(history.begin(), history.end(), [&](const auto& issued) {
    return !IssuedTo(issued, registrar);
  });
}

}  // namespace masa::voucher
