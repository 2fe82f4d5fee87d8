// The use cases of key_desk.h.
#ifndef SERVICES_ISSUANCE_SERVE_KEYS_H_
#define SERVICES_ISSUANCE_SERVE_KEYS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/issuance/key_desk.h"
#include "services/issuance/tools.h"
#include "services/signing/key_maker.h"
#include "storage/key_store.h"

namespace masa::issuance {

// Beside the tools, whose signer may be a VersionedSigner; both outlive them.
struct KeyTools {
  storage::KeyStore& keys;
  signing::KeyMaker& maker;
};

// A version as refusals name it: number 0 is not the key itself, which may have
// others that sign. Pure.
std::string CalledInRefusals(const signing::KeyName& name);

class ServeKeys final : public KeyDesk {
 public:
  ServeKeys(const Tools& tools, const KeyTools& key_tools)
      : tools_(tools), keys_(key_tools.keys), maker_(key_tools.maker) {}

  absl::StatusOr<std::vector<KeyView>> List(
      const RequestContext& context,
      const identity::Principal& caller) override;
  absl::StatusOr<KeyView> Create(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const std::string& key,
                                 SignatureAlgorithm algorithm,
                                 const Once& once) override;
  absl::StatusOr<KeyView> Import(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const std::string& key,
                                 const std::string& encrypted_pkcs8_pem,
                                 const Once& once) override;
  absl::StatusOr<std::string> RequestCertificate(
      const RequestContext& context, const identity::Principal& caller,
      const signing::KeyName& name, const std::string& subject) override;
  absl::StatusOr<KeyView> Activate(const RequestContext& context,
                                   const identity::Principal& caller,
                                   const Activation& activation,
                                   const Once& once) override;
  absl::StatusOr<KeyView> Retire(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const Retirement& retirement,
                                 const Once& once) override;
  absl::StatusOr<KeyView> Destroy(const RequestContext& context,
                                  const identity::Principal& caller,
                                  const Destruction& destruction,
                                  const Once& once) override;
  absl::StatusOr<KeyTrial> Test(const RequestContext& context,
                                const identity::Principal& caller,
                                const std::string& key,
                                std::optional<int32_t> version) override;

 private:
  // A tenant's keys as they are now.
  struct State {
    std::vector<signing::KeySlot> slots;
    signing::KeyRing ring;  // with version 0 of those that have a chain
  };
  using Make = std::function<absl::StatusOr<signing::KeyDescription>(
      const signing::KeyName& name)>;

  absl::StatusOr<State> Read(const RequestContext& context,
                             const identity::Principal& caller);
  // MakeOnce: a repeat is answered with how `name` stands now.
  absl::StatusOr<KeyView> Change(
      const RequestContext& context, const identity::Principal& caller,
      const signing::KeyName& name, const Once& once,
      const std::function<absl::StatusOr<KeyView>()>& change);
  // What they do that are not a repeat.
  absl::StatusOr<KeyView> MakeActivation(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const Activation& activation,
                                         const Once& once);
  absl::StatusOr<KeyView> MakeRetirement(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const Retirement& retirement,
                                         const Once& once);
  absl::StatusOr<KeyView> MakeDestruction(const RequestContext& context,
                                          const identity::Principal& caller,
                                          const Destruction& destruction,
                                          const Once& once);
  absl::StatusOr<KeyView> MakeNext(const RequestContext& context,
                                   const identity::Principal& caller,
                                   const std::string& key, const char* kind,
                                   const Make& make, const Once& once);
  absl::StatusOr<storage::KeyVersion> Find(const State& state,
                                           const signing::KeyName& name) const;
  absl::Status CheckChain(const RequestContext& context, const State& state,
                          const storage::KeyVersion& version);
  absl::StatusOr<signing::KeyDescription> Try(const RequestContext& context,
                                              const std::string& name,
                                              const std::string& spki_der);
  absl::Status Write(const RequestContext& context,
                     const identity::Principal& caller,
                     const storage::KeyChange& change, const Once& once);
  // Pure but for the clock.
  absl::StatusOr<storage::KeyChange> PlanDestruction(
      const storage::KeyVersion& version, const identity::Principal& caller,
      bool withdraw) const;
  KeyView ViewOf(const State& state, const storage::KeyVersion& record) const;
  // As it stands now; the newest version when `name` says none.
  absl::StatusOr<KeyView> Now(const RequestContext& context,
                              const identity::Principal& caller,
                              const signing::KeyName& name);

  const Tools tools_;
  storage::KeyStore& keys_;
  signing::KeyMaker& maker_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_KEYS_H_
