// How this room says no for the HSM.
#ifndef SERVICES_SIGNING_PKCS11_HSM_REFUSAL_H_
#define SERVICES_SIGNING_PKCS11_HSM_REFUSAL_H_

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::signing {

// kSignerUnavailable: "the HSM " and what it did.
inline absl::Status HsmUnavailable(absl::string_view what) {
  return Refuse(Reason::kSignerUnavailable, absl::StrCat("the HSM ", what));
}

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_HSM_REFUSAL_H_
