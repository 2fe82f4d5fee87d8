// The last steps: sign, and commit with the audit event. Nothing leaves that
// was not committed (VI-17).
#ifndef SERVICES_ISSUANCE_ISSUE_H_
#define SERVICES_ISSUANCE_ISSUE_H_

#include "absl/time/time.h"
#include "services/issuance/matter.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// Makes the voucher of each verdict; those that one key signs in one form are
// signed in one turn.
void Sign(const Tools& tools, Matters& matters);

// Stores what was made, in one transaction, and leaves what may be released:
// what is stored.
void Commit(const Tools& tools, Matters& matters, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ISSUE_H_
