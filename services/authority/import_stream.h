// An import's stream: while one chunk is committed on the executor, the next
// one is read, and none after it. So the service holds two chunks of a stream,
// and a client is as fast as the database.
#ifndef SERVICES_AUTHORITY_IMPORT_STREAM_H_
#define SERVICES_AUTHORITY_IMPORT_STREAM_H_

#include "proto/masa/v1/device.grpc.pb.h"
#include "services/issuance/registry_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Serves one call. `desk` outlives it; the reactor deletes itself when the
// stream is done.
grpc::ServerReadReactor<masa::v1::ImportDevicesRequest>* ServeImport(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::RegistryDesk& desk, masa::v1::ImportDevicesResponse* response);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_IMPORT_STREAM_H_
