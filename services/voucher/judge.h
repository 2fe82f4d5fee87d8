// All rules in their order (requirements section 3): may this domain have this
// voucher, and what does it say? Pure.
#ifndef SERVICES_VOUCHER_JUDGE_H_
#define SERVICES_VOUCHER_JUDGE_H_

#include <string>

#include "services/voucher/rules.h"
#include "services/wire/voucher.h"

namespace masa::voucher {

// What the request proves by itself, before any device is looked up: a request
// that fails here learns nothing of devices (RV-26).
absl::StatusOr<Registrar> CheckRegistrar(const wire::VoucherRequest& request,
                                         const Verifier& verifier,
                                         absl::Time now);

struct Verdict {
  wire::Voucher voucher;
  Pin pin;
  std::string signing_key;
  // Of what the pledge's request says; empty without one.
  std::string prior_digest;
};

// VL-06: whether a voucher that pins a certificate asks the pledge to check the
// revocation of the domain's: where its product says so, or what is on record
// of the domain's own.
bool AsksForRevocationChecks(const masa::v1::Product& product,
                             const storage::OwnershipStanding& standing);

// The leaves that name the device and what is pinned (PN-08, VL-05..VL-07).
void WriteDeviceAndPin(const storage::DeviceAnswer& device, const Pin& pin,
                       const masa::v1::Product& product,
                       const storage::OwnershipStanding& standing,
                       wire::Voucher* voucher);

absl::StatusOr<Verdict> Judge(const Case& facts, const Verifier& verifier);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_JUDGE_H_
