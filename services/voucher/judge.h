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

// Everything that is read; references live as long as the call.
struct Case {
  const wire::VoucherRequest& request;
  const Registrar& registrar;
  const masa::v1::Tenant& tenant;
  const masa::v1::Product& product;
  const storage::DeviceAnswer& device;
  const storage::OwnershipStanding& standing;
  absl::Time now;
};

struct Verdict {
  wire::Voucher voucher;
  wire::Certificate pin;
  std::string issuer_spki_sha256;
  std::string signing_key;
};

absl::StatusOr<Verdict> Judge(const Case& facts, const Verifier& verifier);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_JUDGE_H_
