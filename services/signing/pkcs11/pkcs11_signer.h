// Keys in an HSM, by PKCS#11. What is signed there is linted and hashed here
// first, and verified here before it is released.
#ifndef SERVICES_SIGNING_PKCS11_PKCS11_SIGNER_H_
#define SERVICES_SIGNING_PKCS11_PKCS11_SIGNER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/signing/key_guard.h"
#include "services/signing/key_maker.h"
#include "services/signing/pkcs11/session_pool.h"
#include "services/signing/signer.h"

namespace masa::signing {

// One with a tenant and without a chain has its versions alone.
struct Pkcs11Key {
  KeySource key;
  TokenKeyName in_token;
};

// Thread-safe.
class Pkcs11Signer final : public Signer, public KeyMaker {
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

  PoolLoad Load() const;

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

  absl::StatusOr<std::vector<KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) override;
  // In the first token that is open; the owner of several copies it.
  absl::StatusOr<KeyDescription> Create(const RequestContext& context,
                                        const std::string& tenant_id,
                                        const KeyName& name,
                                        SignatureAlgorithm algorithm) override;
  absl::StatusOr<KeyDescription> Import(
      const RequestContext& context, const std::string& tenant_id,
      const KeyName& name, const std::string& encrypted_pkcs8_pem) override;
  absl::Status Destroy(const RequestContext& context,
                       const std::string& tenant_id,
                       const KeyName& name) override;

 private:
  struct Key;

  using KeyPointer = std::shared_ptr<const Key>;

  Pkcs11Signer();
  // kKeyUnknown; looks for a version in the tokens when first asked for.
  absl::StatusOr<KeyPointer> Find(const RequestContext& context,
                                  const std::string& name);
  absl::StatusOr<KeyPointer> Load(const RequestContext& context,
                                  const std::string& name);
  // The public key in the first token that has it; empty for none.
  absl::StatusOr<std::string> ReadSpki(const RequestContext& context,
                                       const std::string& label);
  // What a version's keys are called in the token; kKeyUnknown unless the
  // tenant, or any for an empty one, has such a key.
  absl::StatusOr<std::string> LabelOf(const std::string& tenant_id,
                                      const KeyName& name) const;
  std::map<std::string, KeyPointer> AllKeys() const;
  absl::Status CheckKeys() const;
  absl::Status CheckKey(const Key& key) const;

  std::shared_ptr<Pkcs11Module> module_;
  std::map<std::string, Pkcs11Key> sources_;  // of the configuration
  mutable absl::Mutex mutex_;
  std::map<std::string, KeyPointer> keys_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<SessionPool> pool_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_PKCS11_SIGNER_H_
