// Makes versions of keys where the keys are: in an HSM, or in a folder. The
// private part never comes out. Called by the signer's face, and by the
// authority through it. Implementations are thread-safe and block.
#ifndef SERVICES_SIGNING_KEY_MAKER_H_
#define SERVICES_SIGNING_KEY_MAKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/observe/request_context.h"
#include "services/signing/key_names.h"
#include "services/signing/signer.h"

namespace masa::signing {

// A key as the signer's configuration has it: whose it is and what it may sign,
// in all its versions.
struct KeySlot {
  std::string name;
  std::string tenant_id;
  std::vector<Kind> kinds;
  bool endless = false;
  std::vector<std::string> chain_der;  // of version 0; empty: there is none
};

class KeyMaker {
 public:
  virtual ~KeyMaker() = default;

  // The keys whose versions the operators of this tenant may make.
  virtual absl::StatusOr<std::vector<KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) = 0;

  // A new key pair. kKeyUnknown when the tenant has no such key,
  // kStateNotAllowed when the version is there already, kInvalidArgument for an
  // algorithm that cannot be made here.
  virtual absl::StatusOr<KeyDescription> Create(
      const RequestContext& context, const std::string& tenant_id,
      const KeyName& name, SignatureAlgorithm algorithm) = 0;

  // A key from elsewhere, as PKCS#8 PEM that is encrypted with the passphrase
  // of the signer's own folder, so that nobody on the way can open it. The
  // errors of Create; kInvalidArgument when it does not open or the signer's
  // keys are in an HSM.
  virtual absl::StatusOr<KeyDescription> Import(
      const RequestContext& context, const std::string& tenant_id,
      const KeyName& name, const std::string& encrypted_pkcs8_pem) = 0;

  // Destroys the version's private key, wherever this signer can have it; OK
  // when there is none. kKeyUnknown when the tenant has no such key,
  // kSignerUnavailable when it may still be somewhere.
  virtual absl::Status Destroy(const RequestContext& context,
                               const std::string& tenant_id,
                               const KeyName& name) = 0;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_KEY_MAKER_H_
