// What a manufacturer's operators can do with signing keys, as use cases.
// Thread-safe; blocks. Every error carries a reason; every change is one audit
// event, and its repeat is answered with what stands now.
#ifndef SERVICES_ISSUANCE_KEY_DESK_H_
#define SERVICES_ISSUANCE_KEY_DESK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"
#include "services/signing/key_names.h"
#include "services/signing/key_ring.h"
#include "services/verifier/verifier.h"
#include "storage/key_store.h"

namespace masa::issuance {

// How far ahead a change of what signs is said, so that all replicas know it
// when it comes: their knowledge is 5 seconds old at most.
inline constexpr absl::Duration kKeyNotice = absl::Seconds(10);

struct KeyView {
  storage::KeyVersion record;
  signing::KeyState state = signing::KeyState::kPending;
  bool in_force = false;
  std::optional<SignatureAlgorithm> algorithm;
  absl::Time certificate_not_after = absl::InfiniteFuture();
};

struct Activation {
  signing::KeyName name;
  std::vector<std::string> chain_der;    // signer first, anchor last
  std::optional<absl::Time> not_before;  // in kKeyNotice when absent
  bool validate_only = false;
};

struct Retirement {
  signing::KeyName name;
  std::optional<absl::Time> at;  // in kKeyNotice when absent
  bool last = false;             // although nothing signs then
};

// Between the wish to destroy a key and its confirmation by somebody else.
inline constexpr absl::Duration kDestructionCoolDown = absl::Hours(24 * 7);

struct Destruction {
  signing::KeyName name;
  bool withdraw = false;  // takes back what was asked for
  bool validate_only = false;
};

struct KeyTrial {
  std::string signed_by;
  SignatureAlgorithm algorithm;
};

// When the chain of a version ends.
struct KeyExpiry {
  std::string key;      // as products and tenants name it
  std::string version;  // its number; 0 for the configuration's
  absl::Time not_after;
  // A later version is there, which ends later: nobody need be warned.
  bool has_successor = false;
};

// Whether a key can sign what a tenant's products ask of it.
struct KeyHealth {
  std::string tenant_id;
  std::string key;  // as products name it
  absl::Status status;
};

class KeyDesk {
 public:
  virtual ~KeyDesk() = default;

  // Of the caller's tenant, by key and version.
  virtual absl::StatusOr<std::vector<KeyView>> List(
      const RequestContext& context, const identity::Principal& caller) = 0;

  // The next version of `key`, pending. kKeyUnknown when the signer has no such
  // key for this tenant.
  virtual absl::StatusOr<KeyView> Create(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const std::string& key,
                                         SignatureAlgorithm algorithm,
                                         const Once& once) = 0;
  // The same of a key from elsewhere (signing/key_maker.h).
  virtual absl::StatusOr<KeyView> Import(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const std::string& key,
                                         const std::string& encrypted_pkcs8_pem,
                                         const Once& once) = 0;

  // PKCS#10, DER. kInvalidArgument for a subject that is none.
  virtual absl::StatusOr<std::string> RequestCertificate(
      const RequestContext& context, const identity::Principal& caller,
      const signing::KeyName& name, const std::string& subject) = 0;

  // kStateNotAllowed when it was activated or retired before; what
  // signing::CheckKeyChain and voucher::CheckSigner say of the chain (OP-04,
  // OP-05); kInvalidArgument when the moment is too near.
  virtual absl::StatusOr<KeyView> Activate(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const Activation& activation,
                                           const Once& once) = 0;

  // kStateNotAllowed when it is retired, or when nothing else would sign and
  // the caller does not say that this is meant.
  virtual absl::StatusOr<KeyView> Retire(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const Retirement& retirement,
                                         const Once& once) = 0;

  // Asks for the destruction of a retired version's private key; confirms it,
  // and destroys it, when another operator has asked kDestructionCoolDown ago.
  // What was signed holds on: the chain stays published. kStateNotAllowed for a
  // version that is not retired, is destroyed, or is the configuration's, for
  // who asked twice, and before the time; the errors of KeyMaker::Destroy.
  virtual absl::StatusOr<KeyView> Destroy(const RequestContext& context,
                                          const identity::Principal& caller,
                                          const Destruction& destruction,
                                          const Once& once) = 0;

  // Signs what is no artifact, and verifies it. Without a version: the one in
  // force.
  virtual absl::StatusOr<KeyTrial> Test(const RequestContext& context,
                                        const identity::Principal& caller,
                                        const std::string& key,
                                        std::optional<int32_t> version) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_KEY_DESK_H_
