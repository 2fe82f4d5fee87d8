#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

masa::v1::Assertion ChooseAssertion(const masa::v1::Product& product,
                                    const storage::OwnershipStanding& standing,
                                    masa::v1::Assertion shown) {
  if (shown == masa::v1::ASSERTION_UNSPECIFIED) {
    return standing.is_owner ? masa::v1::ASSERTION_VERIFIED
                             : masa::v1::ASSERTION_LOGGED;
  }
  return standing.is_owner &&
                 product.preferred_assertion() == masa::v1::ASSERTION_VERIFIED
             ? masa::v1::ASSERTION_VERIFIED
             : shown;
}

absl::StatusOr<std::optional<absl::Time>> ChooseExpiry(const Case& facts,
                                                       const Pin& pin) {
  using MaybeTime = std::optional<absl::Time>;
  if (facts.request.leaves.nonce) {
    return MaybeTime();
  }
  if (facts.product.nonceless_without_expiry() &&
      facts.standing.may_have_endless) {
    return MaybeTime();
  }
  if (facts.product.clock() == masa::v1::CLOCK_RULE_NONE) {
    return Refuse(Reason::kNonceRequired,
                  "devices of this product know no time, and this customer "
                  "may not have vouchers that never end; send a nonce");
  }
  const absl::Time end =
      std::min({facts.now + NoncelessLifetime(facts.product),
                facts.registrar.signer->not_after, pin.certificate->not_after,
                facts.revocation.until.value_or(absl::InfiniteFuture())});
  if (end <= facts.now) {
    return Refuse(Reason::kCertificateExpired,
                  "the certificate to pin has expired");
  }
  return MaybeTime(end);
}

}  // namespace masa::voucher
