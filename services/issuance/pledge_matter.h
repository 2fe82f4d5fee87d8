// A pledge's call on its way: what each step has made of it, for the next.
// Calls that come together share statements, never a fate.
#ifndef SERVICES_ISSUANCE_PLEDGE_MATTER_H_
#define SERVICES_ISSUANCE_PLEDGE_MATTER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/issuance/pledge_desk.h"
#include "services/issuance/policies.h"
#include "services/voucher/judge.h"
#include "services/voucher/pledge.h"
#include "services/wire/pledge_status.h"
#include "services/wire/reception.h"
#include "storage/device_store.h"

namespace masa::issuance {

struct PledgeMatter {
  const PledgeCall* call = nullptr;
  absl::Status fate;  // the first refusal ends its way
  std::shared_ptr<const PolicySnapshot> policies;
  const masa::v1::Tenant* tenant = nullptr;
  std::optional<voucher::ShownIdevid> idevid;
  // Of a request for a voucher.
  wire::Reception reception;
  std::optional<wire::VoucherRequest> request;
  // Of telemetry.
  std::optional<wire::PledgeStatus> told;
  bool is_proven = true;  // the certificate shown is the device's own
  // The device, and what it gets.
  std::optional<storage::DeviceAnswer> device;
  const masa::v1::Product* product = nullptr;
  std::string location;
  std::optional<voucher::Verdict> verdict;  // none for a repeat
  std::string voucher;  // the artifact, once it may be released

  bool IsRequest() const {
    return call->operation == PledgeOperation::kRequestVoucher;
  }
};

using PledgeMatters = std::vector<PledgeMatter>;

// Runs `step` for every call that nothing has refused yet.
template <typename Step>
void ForEachOpen(PledgeMatters& matters, const Step& step) {
  for (PledgeMatter& one : matters) {
    if (one.fate.ok()) {
      one.fate.Update(step(one));
    }
  }
}

// The same for requests for vouchers alone.
template <typename Step>
void ForEachOpenRequest(PledgeMatters& matters, const Step& step) {
  ForEachOpen(matters, [&step](PledgeMatter& one) {
    return one.IsRequest() ? step(one) : absl::OkStatus();
  });
}

// What a statement for those still open carries: the latest deadline, and the
// first one's request id.
RequestContext SharedContext(const PledgeMatters& matters);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_PLEDGE_MATTER_H_
