#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

using masa::v1::Product;

Pin RegistrarItself(const Case& facts) {
  const auto& chain = facts.registrar.chain;
  Pin pin{facts.registrar.signer, Pin::Form::kCertificate, ""};
  if (chain.size() > 1 && chain[1]->is_ca &&
      !LeadsToPublicCa(facts.registrar, facts.tenant)) {
    pin.issuer_spki_sha256 = chain[1]->spki_sha256;
  }
  switch (facts.product.pin()) {
    case masa::v1::PIN_RULE_REGISTRAR_PUBK:
      pin.form = Pin::Form::kPubk;
      break;
    case masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256:
      pin.form = Pin::Form::kPubkSha256;
      break;
    default:
      // PN-07: of the two, the smaller.
      pin.form = facts.product.raw_public_keys() ? Pin::Form::kPubk
                                                 : Pin::Form::kCertificate;
  }
  return pin;
}

// PN-05, PN-06: no CA is pinned that is a stranger's too, nor for pledges that
// know only keys: they know the registrar's alone.
bool MayPinACa(const Case& facts) {
  return !PinsRawKey(facts.product) &&
         !LeadsToPublicCa(facts.registrar, facts.tenant);
}

}  // namespace

bool LeadsToPublicCa(const Registrar& registrar,
                     const masa::v1::Tenant& tenant) {
  return std::any_of(registrar.chain.begin(), registrar.chain.end(),
                     [&](const wire::Certificate& one) {
                       return storage::IsPublicCa(tenant, one->spki_sha256);
                     });
}

absl::StatusOr<Pin> ChoosePin(const Case& facts, const std::string& renewed) {
  if (!MayPinACa(facts)) {
    return RegistrarItself(facts);
  }
  const auto& chain = facts.registrar.chain;
  for (const wire::Certificate& certificate : chain) {
    if (certificate->spki_sha256 == renewed && certificate->is_ca) {
      return Pin{certificate, Pin::Form::kCertificate, ""};  // VI-12
    }
  }
  if (facts.product.pin() == masa::v1::PIN_RULE_END_ENTITY) {
    return RegistrarItself(facts);
  }
  if (!facts.request.leaves.nonce && facts.standing.is_owner) {
    MASA_ASSIGN_OR_RETURN(
        const wire::Certificate owner,
        wire::Certificate::Parse(facts.standing.owner_cert_der));
    return Pin{owner, Pin::Form::kCertificate, ""};
  }
  // PN-03: nothing above what was sent is ever pinned.
  if (chain.size() < 2 || !chain[1]->is_ca) {
    return RegistrarItself(facts);
  }
  return Pin{facts.product.pin() == masa::v1::PIN_RULE_HIGHEST_CA ? chain.back()
                                                                  : chain[1],
             Pin::Form::kCertificate, ""};
}

}  // namespace masa::voucher
