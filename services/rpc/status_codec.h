// Our statuses over gRPC: the reason travels as google.rpc.ErrorInfo (AIP-193).
#ifndef SERVICES_RPC_STATUS_CODEC_H_
#define SERVICES_RPC_STATUS_CODEC_H_

#include <string>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace masa::rpc {

// What a caller may see of `status`: the public message, the reason's code and
// the reason.
grpc::Status ToGrpc(const absl::Status& status);

// The name of the reason that ToGrpc put into `status`: one of the list. Empty
// for one made elsewhere.
std::string ReasonNameIn(const grpc::Status& status);

// The status that ToGrpc was made from, or for one made elsewhere (a broken
// connection, a deadline): `unreachable` for UNAVAILABLE, kDeadlineExceeded,
// kOverloaded for RESOURCE_EXHAUSTED, and no reason for the rest.
absl::Status FromGrpc(const grpc::Status& status,
                      const absl::Status& unreachable);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_STATUS_CODEC_H_
