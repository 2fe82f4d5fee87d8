// WatchOwnershipChanges of masa.v1.OwnershipService: one stream to one watcher.
// The next message is asked for when the one before has gone out, so nothing is
// held for a watcher that is slow.
#ifndef SERVICES_AUTHORITY_OWNERSHIP_WATCH_H_
#define SERVICES_AUTHORITY_OWNERSHIP_WATCH_H_

#include "proto/masa/v1/device.pb.h"
#include "services/issuance/watch_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Serves one call. `desk`, and what `serving` names, outlive the stream.
grpc::ServerWriteReactor<masa::v1::WatchOwnershipChangesResponse>* WatchChanges(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::WatchDesk& desk,
    const masa::v1::WatchOwnershipChangesRequest& request);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_OWNERSHIP_WATCH_H_
