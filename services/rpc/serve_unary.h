// The one wrapper that all unary methods pass through: authentication,
// allow-list, deadline; and a handler that blocks on the executor, never on a
// gRPC thread.
#ifndef SERVICES_RPC_SERVE_UNARY_H_
#define SERVICES_RPC_SERVE_UNARY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/executor/executor.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "services/rpc/call_end.h"
#include "services/rpc/gate.h"
#include "services/rpc/status_codec.h"
#include "services/status/reason.h"

namespace masa::rpc {

// What a face serves its methods with; both outlive it.
struct Serving {
  const Gate& gate;
  Executor& executor;
};

using Handler = std::function<absl::Status(const RequestContext& context,
                                           const identity::Principal& caller)>;

// The names in the peer's verified certificate: URI and DNS SANs.
std::vector<std::string> PeerNames(const grpc::CallbackServerContext& context);

// The names, and the tokens in the metadata where the gate takes such (O8).
Credentials CredentialsOf(const grpc::CallbackServerContext& context,
                          const Gate& gate);

// Request id and traceparent from metadata, deadline from the call. An id that
// did not come is made, and said to be.
RequestContext ContextOf(const grpc::CallbackServerContext& context);

// Ends a call; from any thread, exactly once.
using Finish = std::function<void(const absl::Status& status)>;
using Starter =
    std::function<void(const RequestContext& context,
                       const identity::Principal& caller, Finish finish)>;

// Runs `start` for one admitted call of `service` on gRPC's own thread, so it
// does not block. The messages live until it is finished.
grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                     const Gate& gate,
                                     const std::string& service,
                                     const Starter& start);

// The same by certificate or token. Whoever shows a token is admitted on the
// executor, where `start` runs then.
grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                     const Serving& serving,
                                     const std::string& service, Starter start);

// Runs `handler` for one call of `service`. A token is judged on the executor,
// since that may block; a certificate before. The messages that `handler` holds
// live until the reactor is finished.
grpc::ServerUnaryReactor* ServeUnary(grpc::CallbackServerContext* context,
                                     const Serving& serving,
                                     const std::string& service,
                                     Handler handler);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_SERVE_UNARY_H_
