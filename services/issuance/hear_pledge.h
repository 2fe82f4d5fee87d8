// The first steps of a pledge's call: read it, let it prove itself, and find
// the device that it is.
#ifndef SERVICES_ISSUANCE_HEAR_PLEDGE_H_
#define SERVICES_ISSUANCE_HEAR_PLEDGE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/issuance/pledge_matter.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// Fills in all that the call says by itself. kDeadlineExceeded,
// kTenantUnknown, kChainInvalid, kMediaTypeUnknown, kMalformed; of a request
// kSignatureInvalid, kProximityMismatch (CR-24), kSerialMismatch for a serial
// number that the IDevID does not have.
absl::Status HearPledge(const Tools& tools, PledgeMatter& matter,
                        absl::Time now);

// Fills in device and product of each call that is open, one statement for all
// and one more where serial numbers are ambiguous (RV-13). kDeviceUnknown
// (CR-07) to those whose IDevID leads to the tenant's anchors, kChainInvalid to
// others.
//
// An enrollment's end is told by whoever has the new certificate, which others
// issued (RFC 8995 section 5.9.4): where it is not the device's IDevID,
// `is_proven` says so, and the device may stay empty.
void FindPledges(const Tools& tools, PledgeMatters& matters, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_HEAR_PLEDGE_H_
