// A stream of orders for vouchers: each goes on with whatever waits at the
// desk, and its answer goes out when the voucher is committed.
#ifndef SERVICES_AUTHORITY_ISSUE_STREAM_H_
#define SERVICES_AUTHORITY_ISSUE_STREAM_H_

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/issuance/voucher_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Serves one call of StreamIssueVouchers, whose messages come and go as octets:
// what is no message is refused like any other order, and ends nothing. `desk`
// outlives it and does not block.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ServeIssueStream(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::VoucherDesk& desk);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_ISSUE_STREAM_H_
