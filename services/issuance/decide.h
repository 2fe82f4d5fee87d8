// The step that decides: may this domain have this voucher, and which?
#ifndef SERVICES_ISSUANCE_DECIDE_H_
#define SERVICES_ISSUANCE_DECIDE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/matter.h"
#include "services/issuance/tools.h"
#include "storage/issuance_log.h"

namespace masa::issuance {

// Fills in the product of a subject. kProductUnknown.
absl::Status MeetProduct(Matter& matter);

using History = std::vector<storage::IssuedVoucher>;

// Of the device's vouchers those that rules look at for the matter's domain,
// newest first: few, however many others got. `prior_digest` is of the pledge's
// request; empty: not asked. kStoreUnavailable.
absl::StatusOr<History> ReadHistory(const Tools& tools, const Matter& matter,
                                    const std::string& prior_digest = "");

// Fills in the verdict, or the stored voucher for a repeat; or says why not.
absl::Status Decide(const Tools& tools, Matter& matter, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_DECIDE_H_
