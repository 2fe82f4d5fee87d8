// The step that reads what is on record: of the devices, and of the domains
// that ask for them.
#ifndef SERVICES_ISSUANCE_LOOK_UP_H_
#define SERVICES_ISSUANCE_LOOK_UP_H_

#include "services/issuance/matter.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

// Fills in the subject of each request that is open, or why it ends here. Two
// statements for all, one more where serial numbers are ambiguous (RV-13), and
// one for each stranger who asks for such a one; the same work for known and
// unknown devices (AMB-22). Registrars of customers show what their customer
// asks for besides (TR-13, TR-14); it changes no voucher (TR-17).
void LookUp(const Tools& tools, Matters& matters);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_LOOK_UP_H_
