#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::StatusOr<Pin> ChoosePin(const Registrar& registrar,
                              const masa::v1::Product& product, bool nonceless,
                              const storage::OwnershipStanding& standing) {
  if (nonceless && standing.is_owner) {
    MASA_ASSIGN_OR_RETURN(const wire::Certificate owner,
                          wire::Certificate::Parse(standing.owner_cert_der));
    return Pin{owner, ""};
  }
  // PN-03: nothing above what was sent is ever pinned.
  const bool has_ca = registrar.chain.size() > 1 && registrar.chain[1]->is_ca;
  if (has_ca && product.pin() != masa::v1::PIN_RULE_END_ENTITY) {
    return Pin{registrar.chain[1], ""};
  }
  return Pin{registrar.signer, has_ca ? registrar.chain[1]->spki_sha256 : ""};
}

masa::v1::Assertion ChooseAssertion(const masa::v1::Product& product,
                                    const storage::OwnershipStanding& standing,
                                    bool proximity) {
  if (proximity && standing.is_owner) {
    return product.preferred_assertion() == masa::v1::ASSERTION_VERIFIED
               ? masa::v1::ASSERTION_VERIFIED
               : masa::v1::ASSERTION_PROXIMITY;
  }
  if (proximity) {
    return masa::v1::ASSERTION_PROXIMITY;
  }
  return standing.is_owner ? masa::v1::ASSERTION_VERIFIED
                           : masa::v1::ASSERTION_LOGGED;
}

absl::StatusOr<absl::Time> ChooseExpiry(const masa::v1::Product& product,
                                        const Registrar& registrar,
                                        const wire::Certificate& pin,
                                        absl::Time now) {
  const absl::Time end =
      std::min({now + NoncelessLifetime(product), registrar.signer->not_after,
                pin->not_after});
  if (end <= now) {
    return Refuse(Reason::kCertificateExpired,
                  "the certificate to pin has expired");
  }
  return end;
}

}  // namespace masa::voucher
