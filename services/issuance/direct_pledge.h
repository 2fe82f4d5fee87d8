// The steps of a pledge's request once the device is known: where does it
// belong, and what does it get?
#ifndef SERVICES_ISSUANCE_DIRECT_PLEDGE_H_
#define SERVICES_ISSUANCE_DIRECT_PLEDGE_H_

#include "absl/time/time.h"
#include "services/issuance/pledge_matter.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// How long a device waits that nobody has a place for yet (CR-10).
inline constexpr absl::Duration kAskAgain = absl::Hours(1);

// Fills in where the device goes, or the verdict on its voucher, or the voucher
// itself for a repeat. What the owners recorded is read once for each of them.
// kDeviceNotOwned with kAskAgain where that is nothing, or leads back here
// (CR-31); else what the rules refuse.
void DirectPledges(const Tools& tools, PledgeMatters& matters, absl::Time now);

// Makes the voucher of each verdict, and stores it with its audit event
// (CR-17): nothing leaves that was not committed. A voucher in COSE leaves
// without its signer's certificates, which the pledge has (CR-30).
void IssueToPledges(const Tools& tools, PledgeMatters& matters, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_DIRECT_PLEDGE_H_
