// Signs what was prepared. Implementations (local keys, a remote signer) are
// thread-safe and block; each lints what it is given next to the key before it
// signs, and refuses a kind that the key is not for.
#ifndef SERVICES_SIGNING_SIGNER_H_
#define SERVICES_SIGNING_SIGNER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
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
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_SIGNER_H_
