// The ownership decision that a voucher rule reads: made by services/ownership,
// carried by the use case. A value.
#ifndef STORAGE_OWNERSHIP_H_
#define STORAGE_OWNERSHIP_H_

#include <cstddef>
#include <string>

namespace masa::storage {

struct OwnershipStanding {
  bool owner_recorded = false;     // the device has an owner on record
  bool is_owner = false;           // and the registrar's chain leads to it
  bool registered_domain = false;  // some customer registered this domain
  bool blocked_domain = false;     // no vouchers for it (RV-30)
  bool may_have_endless = false;   // it owns, and its customer may (AMB-01)
  // DER of the owner's domain certificate that the chain leads to.
  std::string owner_cert_der;
  // Where it owns: the place of that certificate among the device's.
  size_t owner_cert = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_OWNERSHIP_H_
