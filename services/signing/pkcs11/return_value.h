// What a PKCS#11 module answers: its name for people, and what helps. Pure.
#ifndef SERVICES_SIGNING_PKCS11_RETURN_VALUE_H_
#define SERVICES_SIGNING_PKCS11_RETURN_VALUE_H_

#include <string>

#include "p11-kit-1/p11-kit/pkcs11.h"

namespace masa::signing {

// "CKR_DEVICE_ERROR"; "CK_RV 0x80000001" for one without a name here.
std::string NameOf(CK_RV value);

// What can be done about an answer (PKCS#11 v2.40, section 5.1).
enum class Remedy {
  kNone,        // it went well
  kNewSession,  // the session is gone, the token need not be
  kNewToken,    // log in and look for keys again, or ask another token
  kNever,       // the call cannot succeed: what was asked is wrong
};

Remedy RemedyFor(CK_RV value);

// The PIN was not taken: another attempt may lock the token for good.
bool IsAboutThePin(CK_RV value);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_RETURN_VALUE_H_
