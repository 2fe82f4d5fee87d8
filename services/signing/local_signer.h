// Keys in this process's memory, from PKCS#8 PEM files: for development. It is
// not an HSM, and its owner says so in the log. Thread-safe.
#ifndef SERVICES_SIGNING_LOCAL_SIGNER_H_
#define SERVICES_SIGNING_LOCAL_SIGNER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/signing/key_folder.h"
#include "services/signing/key_guard.h"
#include "services/signing/key_maker.h"
#include "services/signing/local_key.h"

namespace masa::signing {

// A key and its private part: PKCS#8 PEM, encrypted when passphrase is set. One
// without both parts has its versions alone.
struct LocalKeySource {
  KeySource key;
  std::string private_key_pem;
  std::string passphrase;
};

class LocalSigner final : public Signer, public KeyMaker {
 public:
  // kMisconfigured, naming the key and never its octets, when a file does not
  // parse, the key is not P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits,
  // key and first certificate do not belong together, or two keys have one
  // name. Versions are kept in `folder`; none: there are no versions.
  static absl::StatusOr<std::unique_ptr<LocalSigner>> New(
      const std::vector<LocalKeySource>& sources,
      std::unique_ptr<const KeyFolder> folder = nullptr);
  ~LocalSigner() override;

  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override;
  absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                          const std::string& key) override;

  absl::StatusOr<std::vector<KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) override;
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
  using KeyPointer = std::shared_ptr<const LocalKey>;

  explicit LocalSigner(std::unique_ptr<const KeyFolder> folder)
      : folder_(std::move(folder)) {}
  // kKeyUnknown; reads a version from the folder when first asked for.
  absl::StatusOr<KeyPointer> Find(const std::string& name);
  absl::StatusOr<KeyPointer> Load(const std::string& name);
  // kKeyUnknown unless versions of this key can be made for this tenant.
  absl::Status MayMake(const std::string& tenant_id, const KeyName& name) const;

  const std::unique_ptr<const KeyFolder> folder_;
  std::map<std::string, KeySource> sources_;  // of the configuration
  absl::Mutex folder_mutex_;  // while a version comes from it, or goes
  absl::Mutex mutex_;         // the second of the two
  std::map<std::string, KeyPointer> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_LOCAL_SIGNER_H_
