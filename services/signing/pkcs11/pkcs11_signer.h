// Keys in an HSM, by PKCS#11. What is signed there is linted and hashed here
// first, and verified here before it is released.
#ifndef SERVICES_SIGNING_PKCS11_PKCS11_SIGNER_H_
#define SERVICES_SIGNING_PKCS11_PKCS11_SIGNER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/signing/key_guard.h"
#include "services/signing/pkcs11/session_pool.h"
#include "services/signing/signer.h"

namespace masa::signing {

struct Pkcs11Key {
  KeySource key;
  TokenKeyName in_token;
};

// Thread-safe.
class Pkcs11Signer final : public Signer {
 public:
  // Opens the tokens and has each key sign once in each. `pool.keys` is filled
  // from `keys`. kMisconfigured when a key is in no open token or there twice,
  // or does not belong to its certificate. Succeeds when no token opens: one
  // that is away may come, and one that refused its PIN would be locked by a
  // process that starts again and again. `events` outlives this.
  static absl::StatusOr<std::unique_ptr<Pkcs11Signer>> New(
      std::shared_ptr<Pkcs11Module> module, SessionPoolOptions pool,
      const std::vector<Pkcs11Key>& keys, TokenEvents& events);
  ~Pkcs11Signer() override;

  // What was found and what is missing, a line each, for people.
  std::vector<std::string> Report() const;

  // kSignerUnavailable when the HSM does not answer, or answered with what is
  // no signature of this key.
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override;
  // kSignerUnavailable while no token is open.
  absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                          const std::string& key) override;

 private:
  struct Key;

  Pkcs11Signer();
  absl::Status CheckKeys() const;
  absl::Status CheckKey(const Key& key) const;

  std::map<std::string, std::unique_ptr<const Key>> keys_;
  std::unique_ptr<SessionPool> pool_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_PKCS11_SIGNER_H_
