// One key of a Pkcs11Signer: its guard, and what the HSM's answers are held
// against. The signer's own.
#ifndef SERVICES_SIGNING_PKCS11_PKCS11_KEY_H_
#define SERVICES_SIGNING_PKCS11_PKCS11_KEY_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/signing/key_guard.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/signing/pkcs11/mechanism.h"
#include "services/signing/pkcs11/pkcs11_signer.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/hot_key.h"

namespace masa::signing {

struct Pkcs11Signer::Key {
  const size_t number;  // in the pool
  const std::unique_ptr<const KeyGuard> guard;
  const std::unique_ptr<const verification::HotKey>
      table;  // none: by BoringSSL

  Key(size_t number_in_pool, std::unique_ptr<const KeyGuard> its_guard)
      : number(number_in_pool),
        guard(std::move(its_guard)),
        table(verification::HotKey::New(guard->description().spki_der)) {}

  SignatureAlgorithm algorithm() const {
    return guard->description().algorithm;
  }

  // What the HSM answered for this message, when it is this key's signature.
  absl::StatusOr<std::string> Release(absl::string_view message,
                                      std::string answer) const {
    MASA_ASSIGN_OR_RETURN(std::string signature,
                          SignatureOf(algorithm(), std::move(answer)));
    if ((table != nullptr && table->Verifies(message, signature)) ||
        verification::BoringVerifier()
            .VerifySignature(algorithm(), guard->description().spki_der,
                             message, signature)
            .ok()) {
      return signature;
    }
    return HsmUnavailable(
        absl::StrCat("answered with what is no signature of key ",
                     guard->description().name));
  }
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_PKCS11_KEY_H_
