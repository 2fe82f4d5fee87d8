// What a registrar can ask over BRSKI-MASA (RFC 8995 sections 5.5 and 5.8),
// seen from the edge. Implemented by the use cases here, and by the edge's
// gRPC client when the authority runs apart.
#ifndef SERVICES_ISSUANCE_REGISTRAR_DESK_H_
#define SERVICES_ISSUANCE_REGISTRAR_DESK_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/observe/alert.h"
#include "services/observe/request_context.h"
#include "services/wire/signed_artifact.h"

namespace masa::issuance {

struct RegistrarCall {
  RequestContext context;
  std::string host;          // SNI or Host without port, lower case; may be ""
  std::string content_type;  // header value, may be empty
  std::string accept;        // header value, may be empty
  std::string body;
  // The TLS client's chain, leaf first, DER; empty when it showed none. TLS
  // proved possession of the leaf's key, nothing more.
  std::vector<std::string> tls_peer_chain_der;
  std::string authorization;          // header value, secret; may be empty
  wire::RevocationEvidence evidence;  // fetched; nothing is trusted of it yet
  bool fossil_path = false;           // came under /.well-known/est (EP-04)
};

struct RegistrarAnswer {
  std::string content_type;
  std::string body;
  std::vector<Alert> alerts = {};  // for operators; never sent
};

// A call that waits for its voucher.
struct PendingCall {
  RegistrarCall call;
  // Called exactly once, from any thread, also where the call is refused; does
  // not block. Every error carries a reason.
  std::function<void(absl::StatusOr<RegistrarAnswer>)> respond;
};

// Thread-safe.
class RegistrarDesk {
 public:
  virtual ~RegistrarDesk() = default;

  // Answers each call for itself, in any order, some perhaps after it returns:
  // no call is refused, or waits for a stranger's server, because of another.
  // May block (GatheringDesk does not).
  virtual void RequestVouchers(std::vector<PendingCall> calls) = 0;

  // Blocks. Every error carries a reason.
  virtual absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) = 0;

  // Asks for one voucher and waits for it.
  absl::StatusOr<RegistrarAnswer> RequestVoucher(const RegistrarCall& call);
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_REGISTRAR_DESK_H_
