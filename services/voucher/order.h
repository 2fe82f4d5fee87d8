// May this voucher be made without a registrar: for an operator of the
// manufacturer, or a device's owner, ahead of time (RFC 8572 section 5.4, RFC
// 8366 section 6)? Pure.
#ifndef SERVICES_VOUCHER_ORDER_H_
#define SERVICES_VOUCHER_ORDER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/voucher/judge.h"

namespace masa::voucher {

// Where a device that is onboarded without a registrar enrols (PN-10).
struct EstServer {
  std::string domain;                        // https URI
  std::string additional_configuration_url;  // https URI; may be empty
};

struct Order {
  wire::Certificate pin;
  std::optional<std::string> nonce;      // as it shall stand in the voucher
  std::optional<absl::Time> expires_on;  // with neither, it never ends
  masa::v1::Format format = masa::v1::FORMAT_CMS_JSON;
  bool by_operator = false;  // of the manufacturer, not of a customer
  // The pin is this server's certificate, or a CA of it.
  std::optional<EstServer> est = {};
};

struct OrderCase {
  const Order& order;
  const masa::v1::Tenant& tenant;
  const masa::v1::Product& product;
  const storage::DeviceAnswer& device;
  const storage::OwnershipStanding& standing;  // of the pin's key
  absl::Time now;
  // The device's, as it showed it or as it is on record; none: what a block of
  // its issuer asks of it counts as blocked.
  std::optional<wire::Certificate> idevid;
};

// PN-05, PN-06: kInvalidArgument for what no voucher of this product may pin: a
// public CA, or any CA where devices know only keys.
absl::Status CheckOrderedPin(const Order& order, const masa::v1::Tenant& tenant,
                             const masa::v1::Product& product);

// The voucher: `verified` for the owner's pin (SZ-07), `logged` otherwise.
// kDeviceBlocked, also of an IDevID whose issuer the tenant blocked (OP-20);
// kDomainBlocked, kOwnerMismatch for a pin that is not the
// owner's, where an owner is asked for; kInvalidArgument, kLifetime*,
// kCertExpired, kFormatNotForDevice for an order that cannot be; what
// CheckOrderedPin refuses.
absl::StatusOr<Verdict> JudgeOrder(const OrderCase& facts);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_ORDER_H_
