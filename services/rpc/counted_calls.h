// Interceptors that tell `CallEvents` of each call, on either side.
#ifndef SERVICES_RPC_COUNTED_CALLS_H_
#define SERVICES_RPC_COUNTED_CALLS_H_

#include <memory>

#include "grpcpp/support/client_interceptor.h"
#include "grpcpp/support/server_interceptor.h"
#include "services/observe/call_events.h"

namespace masa::rpc {

// `events` outlives the server, and the channel.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
CountServerCalls(CallEvents& events);
std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>
CountClientCalls(CallEvents& events);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_COUNTED_CALLS_H_
