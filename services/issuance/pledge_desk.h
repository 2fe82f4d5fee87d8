// What a device can ask that found no registrar on its link
// (draft-ietf-anima-brski-cloud), and what it tells of how that went (RFC 8995
// sections 5.7 and 5.9.4), seen from the edge. Implemented by the use case
// here, and by the edge's gRPC client when the authority runs apart.
#ifndef SERVICES_ISSUANCE_PLEDGE_DESK_H_
#define SERVICES_ISSUANCE_PLEDGE_DESK_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/observe/request_context.h"

namespace masa::issuance {

enum class PledgeOperation {
  kRequestVoucher = 1,
  kVoucherStatus = 2,
  kEnrollStatus = 3,
};

struct PledgeCall {
  RequestContext context;
  PledgeOperation operation = PledgeOperation::kRequestVoucher;
  std::string host;          // SNI or Host without port, lower case; may be ""
  std::string content_type;  // header value, may be empty
  std::string accept;        // header value, may be empty
  std::string body;
  // The TLS client's chain, leaf first, DER; empty when it showed none. TLS
  // proved possession of the leaf's key, nothing more.
  std::vector<std::string> tls_peer_chain_der;
  // The certificate that this service showed in the handshake.
  std::string tls_server_cert_der;
};

struct PledgeAnswer {
  // A voucher with its media type; both empty otherwise.
  std::string content_type = {};
  std::string body = {};
  std::string location = {};  // where the pledge goes instead; empty: nowhere
  // Of telemetry, for who reads the log: never sent.
  bool is_newer_telemetry = false;             // than the version known here
  std::vector<std::string> unknown_keys = {};  // at most 8
};

// A call that waits for its answer.
struct PendingPledge {
  PledgeCall call;
  // Called exactly once, from any thread, also where the call is refused; does
  // not block. Every error carries a reason.
  std::function<void(absl::StatusOr<PledgeAnswer>)> respond;
};

// Thread-safe.
class PledgeDesk {
 public:
  virtual ~PledgeDesk() = default;

  // Answers each call for itself, in any order, some perhaps after it returns.
  // May block (GatheringPledgeDesk does not).
  //
  // kDeviceNotOwned where nobody knows yet where the device belongs: with a
  // time to wait when it shall ask again.
  virtual void Ask(std::vector<PendingPledge> calls) = 0;

  // Asks and waits.
  absl::StatusOr<PledgeAnswer> AskOne(const PledgeCall& call);
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_PLEDGE_DESK_H_
