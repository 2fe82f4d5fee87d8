// A registrar's request on its way: what each step has made of it, for the
// next. Requests that come together share statements, never a fate.
#ifndef SERVICES_ISSUANCE_MATTER_H_
#define SERVICES_ISSUANCE_MATTER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/issuance/policies.h"
#include "services/issuance/registrar_desk.h"
#include "services/voucher/judge.h"
#include "services/wire/reception.h"
#include "storage/device_store.h"
#include "storage/ownership.h"

namespace masa::issuance {

// A request that proved itself, and the tenant it came to.
struct Heard {
  wire::Reception reception;
  wire::VoucherRequest request;
  voucher::MaybePrior prior;
  voucher::Registrar registrar;
  voucher::RevocationState revocation;
  std::shared_ptr<const PolicySnapshot> policies;
  const masa::v1::Tenant* tenant = nullptr;
};

// The device it names, and what the domain is to it.
struct Subject {
  storage::DeviceAnswer device;
  storage::OwnershipStanding standing;
  int64_t claims = 0;  // of the registrar, where its tenant counts them
};

struct Matter {
  const RegistrarCall* call = nullptr;
  absl::Status fate;  // the first refusal ends its way
  std::optional<Heard> heard;
  absl::StatusOr<storage::DeviceAnswer> found;
  std::optional<Subject> subject;
  const masa::v1::Product* product = nullptr;
  std::optional<voucher::Verdict> verdict;  // none for a repeat
  std::vector<Alert> alerts;
  std::string voucher;  // the artifact, once it may be released
};

using Matters = std::vector<Matter>;

// Runs `step` for every request that nothing has refused yet.
template <typename Step>
void ForEachOpen(Matters& matters, const Step& step) {
  for (Matter& matter : matters) {
    if (matter.fate.ok()) {
      matter.fate.Update(step(matter));
    }
  }
}

// What a statement for those still open carries: it is worth its work while
// anybody waits for it. Its request id is the first one's, and how many others
// there are.
RequestContext SharedContext(const Matters& matters);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_MATTER_H_
