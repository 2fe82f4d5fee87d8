// How one call of a service ends: what goes out, and what is told inside when
// the fault is ours. Every wrapper of this room ends its calls with it.
#ifndef SERVICES_RPC_CALL_END_H_
#define SERVICES_RPC_CALL_END_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "services/observe/request_context.h"
#include "services/rpc/gate.h"

namespace masa::rpc {

// The metadata that carries a call's request id, in both directions.
inline constexpr char kRequestIdKey[] = "masa-request-id";

// Whether a caller hears INTERNAL for it: that a client left is nobody's fault.
// Pure.
bool IsOurFault(const absl::Status& status);

// Immutable, and used by one thread at a time.
class CallEnd {
 public:
  // `call` and `gate` outlive this; of `context` the ids are kept.
  CallEnd(grpc::CallbackServerContext* call, const Gate& gate,
          std::string service, const RequestContext& context)
      : call_(call),
        gate_(gate),
        service_(std::move(service)),
        request_id_(context.request_id),
        traceparent_(context.traceparent) {}

  // What the call is finished with, once. A call that failed carries its
  // request id in the trailing metadata; where it says INTERNAL, the gate's
  // listener is told the whole.
  grpc::Status Tell(const absl::Status& status) const;

 private:
  grpc::CallbackServerContext* const call_;
  const Gate& gate_;
  const std::string service_;
  const std::string request_id_;
  const std::string traceparent_;
};

}  // namespace masa::rpc

#endif  // SERVICES_RPC_CALL_END_H_
