// What all calls over gRPC have in common, and what they ask.
#ifndef LOAD_TESTS_HAMMER_CALLS_H_
#define LOAD_TESTS_HAMMER_CALLS_H_

#include <string>

#include "absl/status/status.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "load-tests/hammer/scenario.h"
#include "proto/masa/v1/device.pb.h"
#include "proto/masa/v1/voucher.pb.h"

namespace masa::hammer {

// Half a minute from now.
void SetDeadline(grpc::ClientContext& call);

absl::Status StatusOf(const grpc::Status& status);

// Items of one call of the work, at least 1.
int BatchOf(const Work& work);

// OK when the domain may have the device; else what was answered.
absl::Status CheckOwner(const masa::v1::ResolveOwnershipResponse& response);

// An order of a voucher for a BENCH device that pins `pin_der`; the same one
// each time, so that a second one is answered with the same voucher.
masa::v1::IssueVoucherRequest OrderFor(int device, const std::string& pin_der);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_CALLS_H_
