// What clients of EST can ask (RFC 7030), seen from the edge. Implemented by
// the use case here, and by the edge's gRPC client when the authority runs
// apart.
#ifndef SERVICES_ISSUANCE_ENROLLMENT_DESK_H_
#define SERVICES_ISSUANCE_ENROLLMENT_DESK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/observe/request_context.h"
#include "services/wire/secret_octets.h"

namespace masa::issuance {

enum class EstOperation {
  kCaCerts = 1,
  kCsrAttrs = 2,
  kSimpleEnroll = 3,
  kSimpleReenroll = 4,
  kServerKeygen = 5,
};

struct EstCall {
  RequestContext context;
  EstOperation operation = EstOperation::kCaCerts;
  std::string host;   // SNI or Host without port, lower case; may be ""
  std::string label;  // of the path; empty: none
  std::string content_type;
  std::string body;  // as it came: base64 of a PKCS#10 request
  // The TLS client's chain, leaf first, DER; empty when it showed none.
  std::vector<std::string> tls_peer_chain_der;
  std::string authorization;    // header value, secret; may be empty
  std::string channel_binding;  // of the TLS connection; may be empty
};

struct EstAnswer {
  // Of cacerts the CA's chain, issuer first; of an enrolment the one that was
  // issued. DER.
  std::vector<std::string> certificates_der;
  std::string csr_attributes_der = {};  // of csrattrs alone
  // Of serverkeygen alone, else null: PKCS#8. Nobody else has it.
  std::shared_ptr<const wire::SecretOctets> private_key_der = {};
};

// A call that waits for its answer.
struct PendingEst {
  EstCall call;
  // Called exactly once, from any thread, also where the call is refused; does
  // not block. Every error carries a reason.
  std::function<void(absl::StatusOr<EstAnswer>)> respond;
};

// Thread-safe.
class EnrollmentDesk {
 public:
  virtual ~EnrollmentDesk() = default;

  // Answers each call for itself, in any order, some perhaps after it returns.
  // May block (GatheringEnrollmentDesk does not).
  virtual void Ask(std::vector<PendingEst> calls) = 0;

  // Asks and waits.
  absl::StatusOr<EstAnswer> AskOne(const EstCall& call);
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ENROLLMENT_DESK_H_
