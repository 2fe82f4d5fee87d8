// Signs what was prepared. Implementations (local keys, a remote signer) are
// thread-safe and block; each lints what it is given next to the key before it
// signs, and refuses a kind that the key is not for.
#ifndef SERVICES_SIGNING_SIGNER_H_
#define SERVICES_SIGNING_SIGNER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "services/signing/to_be_signed.h"
#include "services/verifier/verifier.h"

namespace masa::signing {

struct KeyDescription {
  std::string name;  // as products name it
  SignatureAlgorithm algorithm;
  std::vector<std::string> chain_der;  // signer first, anchor last
  std::vector<Kind> kinds;             // what it may sign
  std::string spki_der = {};           // its public key, where it is known
  std::string tenant_id = {};  // whose operators manage it; empty: nobody's
};

// A chain under which vouchers of a key were, are or will be signed.
struct PublishedVersion {
  std::string name;                    // as Sign and Describe take it
  std::vector<std::string> chain_der;  // signer first, anchor last
  absl::Time from = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
};

class Signer {
 public:
  virtual ~Signer() = default;

  // One signature (DER ECDSA for the CMS kinds) per item, in order; an item
  // fails alone: kKeyUnknown, kKeyNotForThis (kind or lint),
  // kSignerUnavailable.
  virtual std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) = 0;

  // What may be known of a key: kKeyUnknown, kSignerUnavailable.
  virtual absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                                  const std::string& key) = 0;

  // Of the very version that is named, whichever signs now: a key's name alone
  // is the version of the configuration, where versions are known at all. As
  // Describe.
  virtual absl::StatusOr<KeyDescription> DescribeVersion(
      const RequestContext& context, const std::string& version) {
    return Describe(context, version);
  }

  // The name of what signs under `key` now, for Sign and Describe and for the
  // record of what was signed: one of its versions, or itself where signers
  // know of none. kKeyUnknown when no version signs now.
  virtual absl::StatusOr<std::string> InForce(const RequestContext& context,
                                              const std::string& key) {
    return key;
  }

  // All that was signed under `key` and all that will be: chains of versions
  // that are retired too, since vouchers of theirs are still about. The first
  // is the oldest.
  virtual absl::StatusOr<std::vector<PublishedVersion>> Published(
      const RequestContext& context, const std::string& key) {
    absl::StatusOr<KeyDescription> only = Describe(context, key);
    if (!only.ok()) {
      return only.status();
    }
    return std::vector<PublishedVersion>{
        {only->name, std::move(only->chain_der)}};
  }
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_SIGNER_H_
