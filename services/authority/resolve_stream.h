// A stream of questions on ownership: each goes on with whatever waits at the
// desk, and its answer goes out when it is there. A bounded number of a
// stream's questions is on its way, so a client is as fast as it reads.
#ifndef SERVICES_AUTHORITY_RESOLVE_STREAM_H_
#define SERVICES_AUTHORITY_RESOLVE_STREAM_H_

#include "proto/masa/v1/device.grpc.pb.h"
#include "services/issuance/resolve_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Serves one call. `desk` outlives it; the reactor deletes itself when the
// stream is done and the desk has answered everything, also to a client that
// is gone.
grpc::ServerBidiReactor<masa::v1::StreamResolveOwnershipRequest,
                        masa::v1::StreamResolveOwnershipResponse>*
ServeResolveStream(grpc::CallbackServerContext* context,
                   const rpc::Serving& serving, issuance::ResolveDesk& desk);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_RESOLVE_STREAM_H_
