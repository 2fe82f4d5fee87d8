// Key pairs in a token: made there, and read back as a SubjectPublicKeyInfo.
// Blocks; remembers nothing.
#ifndef SERVICES_SIGNING_PKCS11_TOKEN_KEYS_H_
#define SERVICES_SIGNING_PKCS11_TOKEN_KEYS_H_

#include <string>

#include "services/signing/pkcs11/module.h"
#include "services/verifier/verifier.h"

namespace masa::signing {

// The public key with this CKA_LABEL; empty when there is none, or more than
// one, or of a kind that is not known here.
CK_RV ReadPublicKey(Pkcs11Module& module, CK_SESSION_HANDLE session,
                    const std::string& label, std::string* spki_der);

// Makes a pair whose private part never leaves the token (OP-01). Its label is
// that of both parts, its CKA_ID the label too.
CK_RV MakeKeyPair(Pkcs11Module& module, CK_SLOT_ID slot,
                  const std::string& label, SignatureAlgorithm algorithm);

// Destroys the pair with this label, the private part first; CKR_OK when there
// is none. CKR_ARGUMENTS_BAD when several have the label: then none is.
CK_RV DestroyKeyPair(Pkcs11Module& module, CK_SLOT_ID slot,
                     const std::string& label);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TOKEN_KEYS_H_
