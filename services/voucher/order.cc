#include "services/voucher/order.h"

#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/pledge.h"
#include "services/voucher/product_policy.h"

namespace masa::voucher {
namespace {

// As the caller knows what is pinned.
std::string PinName(const Order& order) {
  return order.est ? "the EST server's certificate on record"
                   : "pinned_cert_der";
}

absl::Status CheckStanding(const OrderCase& facts) {
  const bool owner_needed =
      !facts.order.by_operator ||
      facts.product.ownership() == masa::v1::OWNERSHIP_RULE_REQUIRED;
  return facts.standing.is_owner || !owner_needed
             ? absl::OkStatus()
             : Refuse(Reason::kOwnerMismatch,
                      "pinned_cert_der is not a domain certificate of the "
                      "device's owner");
}

absl::Status CheckNonceOctets(const std::string& nonce) {
  const size_t octets = wire::NonceOctets(nonce).size();
  return octets >= 8 && octets <= 32 ? absl::OkStatus()
                                     : Refuse(Reason::kInvalidArgument,
                                              "nonce is not of 8 to 32 octets");
}

// VI-04, VI-08, VI-09, SZ-05, SZ-06: an end that can hold, or none.
absl::Status CheckEnd(const OrderCase& facts) {
  const Order& order = facts.order;
  const bool may_never_end = facts.product.nonceless_without_expiry() &&
                             facts.standing.may_have_endless;
  if (!order.expires_on) {
    return may_never_end
               ? absl::OkStatus()
               : Refuse(Reason::kInvalidArgument,
                        "give one of nonce and expires_on: this product and "
                        "customer have no vouchers that never end");
  }
  if (facts.product.clock() == masa::v1::CLOCK_RULE_NONE) {
    return Refuse(Reason::kLifetimeNotAllowed,
                  "devices of this product know no time, so none of their "
                  "vouchers may expire");
  }
  if (*order.expires_on <= facts.now) {
    return Refuse(Reason::kLifetimeInPast, "expires_on is in the past");
  }
  if (*order.expires_on > order.pin->not_after) {
    return Refuse(Reason::kLifetimeExceedsCert,
                  "expires_on is after the end of " + PinName(order));
  }
  if (*order.expires_on - facts.now > wire::kLongestLifetime &&
      !may_never_end) {
    return Refuse(Reason::kLifetimeNotAllowed,
                  "expires_on is over 3650 days away: this product and "
                  "customer have no vouchers that are as good as endless");
  }
  return absl::OkStatus();
}

// VL-02: one of nonce and end, and a pin that is good.
absl::Status CheckLifetime(const OrderCase& facts) {
  const Order& order = facts.order;
  if (order.nonce && order.expires_on) {
    return Refuse(Reason::kInvalidArgument,
                  "give exactly one of nonce and expires_on");
  }
  if (order.pin->not_after <= facts.now) {
    return Refuse(Reason::kCertExpired, PinName(order) + " has expired");
  }
  if (order.nonce) {
    return CheckNonceOctets(*order.nonce);
  }
  if (facts.product.nonceless() != masa::v1::NONCELESS_RULE_OWNER) {
    return Refuse(Reason::kLifetimeNotAllowed,
                  "devices of this product get no vouchers without a nonce");
  }
  return CheckEnd(facts);
}

absl::Status CheckFormat(const OrderCase& facts) {
  const auto& formats = facts.product.formats();
  return std::count(formats.begin(), formats.end(), facts.order.format) != 0
             ? absl::OkStatus()
             : Refuse(Reason::kFormatNotForDevice,
                      "devices of this product do not understand this format");
}

// PN-06: what pledges of this product understand of the certificate given.
Pin PinFor(const OrderCase& facts) {
  Pin pin{facts.order.pin, Pin::Form::kCertificate, ""};
  if (facts.product.pin() == masa::v1::PIN_RULE_REGISTRAR_PUBK) {
    pin.form = Pin::Form::kPubk;
  }
  if (facts.product.pin() == masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256) {
    pin.form = Pin::Form::kPubkSha256;
  }
  return pin;
}

}  // namespace

absl::Status CheckOrderedPin(const Order& order, const masa::v1::Tenant& tenant,
                             const masa::v1::Product& product) {
  if (storage::IsPublicCa(tenant, order.pin->spki_sha256)) {
    return Refuse(Reason::kInvalidArgument,
                  PinName(order) +
                      " is of a CA from which anyone gets a certificate, so "
                      "any of its customers could have the device; give one "
                      "of the domain's own");
  }
  return order.pin->is_ca && PinsRawKey(product)
             ? Refuse(Reason::kInvalidArgument,
                      PinName(order) +
                          " is a CA's, but devices of this product know only "
                          "the key of who they talk to; give that one's own")
             : absl::OkStatus();
}

absl::StatusOr<Verdict> JudgeOrder(const OrderCase& facts) {
  MASA_RETURN_IF_ERROR(CheckDeviceState(facts.device.device));
  MASA_RETURN_IF_ERROR(CheckIssuerNotBlocked(facts.tenant, facts.device.device,
                                             facts.idevid, std::nullopt));
  MASA_RETURN_IF_ERROR(CheckDomainNotBlocked(facts.standing));
  MASA_RETURN_IF_ERROR(
      CheckOrderedPin(facts.order, facts.tenant, facts.product));
  MASA_RETURN_IF_ERROR(CheckStanding(facts));
  MASA_RETURN_IF_ERROR(CheckLifetime(facts));
  MASA_RETURN_IF_ERROR(CheckFormat(facts));
  const Order& order = facts.order;
  Verdict verdict{{},
                  PinFor(facts),
                  SigningKeyFor(facts.product, facts.device.device,
                                !order.nonce.has_value()),
                  ""};
  wire::Voucher& voucher = verdict.voucher;
  voucher.assertion = ChooseAssertion(facts.product, facts.standing,
                                      masa::v1::ASSERTION_UNSPECIFIED);
  voucher.created_on = facts.now;
  voucher.expires_on = order.expires_on;
  voucher.nonce = order.nonce;
  WriteDeviceAndPin(facts.device, verdict.pin, facts.product, facts.standing,
                    &voucher);
  if (order.est) {  // CR-13, CR-15
    voucher.est_domain = order.est->domain;
    voucher.additional_configuration_url =
        order.est->additional_configuration_url;
  }
  return verdict;
}

}  // namespace masa::voucher
