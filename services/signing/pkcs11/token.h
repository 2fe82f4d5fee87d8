// What is asked of one PKCS#11 token: to log in, to find keys, to sign. Blocks;
// remembers nothing.
#ifndef SERVICES_SIGNING_PKCS11_TOKEN_H_
#define SERVICES_SIGNING_PKCS11_TOKEN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/signing/pkcs11/module.h"

namespace masa::signing {

// A key is found by its label, its id, or both; it must be the only one.
struct TokenKeyName {
  std::string label;  // CKA_LABEL; any when empty
  std::string id;     // CKA_ID, octets; any when empty
};

// Nobody has looked for it yet.
inline constexpr int kNotLookedFor = -1;

// A private key as one token has it.
struct TokenKey {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;  // when it is not there
  int found = 0;  // so many keys have the name: 2 stands for more
  bool extractable =
      false;  // could leave the token (OP-01 wants that it can't)
};

struct OpenToken {
  CK_SLOT_ID slot = 0;
  // Keeps the login while other sessions come and go.
  CK_SESSION_HANDLE keeper = CK_INVALID_HANDLE;
  std::vector<TokenKey> keys;  // in the order of the names
};

// Finds the token, logs in once, looks for the keys. Anything but CKR_OK: the
// token is not usable now; see IsAboutThePin before trying again.
CK_RV OpenTokenNamed(Pkcs11Module& module, const std::string& label,
                     const std::string& pin,
                     absl::Span<const TokenKeyName> keys, OpenToken* token);

// So many objects are `wanted` in a session: 2 stands for more. `object` is the
// only one, or CK_INVALID_HANDLE.
CK_RV FindObject(Pkcs11Module& module, CK_SESSION_HANDLE session,
                 absl::Span<CK_ATTRIBUTE> wanted, CK_OBJECT_HANDLE* object,
                 int* found);

// Looks for one key in a session.
CK_RV FindKey(Pkcs11Module& module, CK_SESSION_HANDLE session,
              const TokenKeyName& name, TokenKey* key);

// Answers nothing: a token that is gone cannot say so.
void CloseToken(Pkcs11Module& module, const OpenToken& token);

CK_RV OpenSession(Pkcs11Module& module, CK_SLOT_ID slot,
                  CK_SESSION_HANDLE* session);

// One signature as the mechanism makes it (ECDSA: r and s, without DER).
CK_RV SignOnce(Pkcs11Module& module, CK_SESSION_HANDLE session,
               CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key,
               absl::string_view input, std::string* signature);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TOKEN_H_
