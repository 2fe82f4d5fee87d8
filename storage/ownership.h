// The ownership decision that a voucher rule reads: made by services/ownership,
// carried by the use case. A value.
#ifndef STORAGE_OWNERSHIP_H_
#define STORAGE_OWNERSHIP_H_

#include <algorithm>
#include <cstddef>
#include <string>

#include "proto/masa/v1/policy.pb.h"

namespace masa::storage {

// Whether anyone gets a certificate from the CA with this key (SHA-256 of its
// SPKI), as the tenant lists it: then the key speaks for no domain (PN-05).
inline bool IsPublicCa(const masa::v1::Tenant& tenant,
                       const std::string& spki_sha256) {
  const auto& listed = tenant.public_ca_spki_sha256();
  return std::find(listed.begin(), listed.end(), spki_sha256) != listed.end();
}

struct OwnershipStanding {
  bool owner_recorded = false;     // the device has an owner on record
  bool is_owner = false;           // and the registrar's chain leads to it
  bool registered_domain = false;  // some customer registered this domain
  bool blocked_domain = false;     // no vouchers for it (RV-30)
  bool may_have_endless = false;   // it owns, and its customer may (AMB-01)
  // DER of the owner's domain certificate that the chain leads to, the highest
  // of several (PN-04).
  std::string owner_cert_der;
  // What is on record of it beside (VL-06).
  bool revocation_checks = false;
  // Where it owns: the place of that certificate among the device's.
  size_t owner_cert = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_OWNERSHIP_H_
