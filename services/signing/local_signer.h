// Keys in this process's memory, from PKCS#8 PEM files: for development. It is
// not an HSM, and its owner says so in the log. Thread-safe after creation.
#ifndef SERVICES_SIGNING_LOCAL_SIGNER_H_
#define SERVICES_SIGNING_LOCAL_SIGNER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "openssl/base.h"
#include "services/signing/key_guard.h"

namespace masa::signing {

// A key and its private part: PKCS#8 PEM, encrypted when passphrase is set.
struct LocalKeySource {
  KeySource key;
  std::string private_key_pem;
  std::string passphrase;
};

class LocalSigner final : public Signer {
 public:
  // kMisconfigured, naming the key and never its octets, when a file does not
  // parse, the key is not P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits,
  // key and first certificate do not belong together, or two keys have one
  // name.
  static absl::StatusOr<std::unique_ptr<LocalSigner>> New(
      const std::vector<LocalKeySource>& sources);
  ~LocalSigner() override;

  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override;
  absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                          const std::string& key) override;

 private:
  struct Key;
  LocalSigner();
  std::map<std::string, std::unique_ptr<Key>> keys_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_LOCAL_SIGNER_H_
