// `masactl audit verify --at-service`: a verification that the service runs.
#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "proto/google/longrunning/operations.grpc.pb.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/audit_commands.h"
#include "services/rpc/channel.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using google::longrunning::Operation;
using google::longrunning::Operations;
using masa::v1::AuditService;
using masa::v1::AuditVerdict;
using masa::v1::AuditVerification;

constexpr int kMostTries = 5;

// One wait, of a second: the operation as it is then.
absl::StatusOr<Operation> WaitOnce(Operations::Stub& stub,
                                   const std::string& name) {
  google::longrunning::WaitOperationRequest request;
  request.set_name(name);
  request.mutable_timeout()->set_seconds(1);
  grpc::ClientContext call;
  rpc::Carry({"", "", absl::Now() + absl::Seconds(20)}, &call);
  Operation operation;
  MASA_RETURN_IF_ERROR(
      StatusOf(stub.WaitOperation(&call, request, &operation)));
  return operation;
}

// The operation when it is done; `see` is called with it meanwhile.
absl::StatusOr<Operation> Watch(
    const CommonOptions& options, const std::string& name,
    const std::function<void(const Operation&)>& see) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = Operations::NewStub(channel);
  for (int tries = 0;;) {
    const auto seen = WaitOnce(*stub, name);
    const bool passes = absl::IsUnavailable(seen.status()) ||
                        absl::IsResourceExhausted(seen.status()) ||
                        absl::IsDeadlineExceeded(seen.status());
    tries = seen.ok() ? 0 : tries + 1;
    if (!seen.ok() && (!passes || tries >= kMostTries)) {
      return seen.status();
    }
    if (!seen.ok()) {
      absl::SleepFor(absl::Seconds(1 << tries));
      continue;
    }
    see(*seen);
    if (seen->done()) {
      return seen;
    }
  }
}

}  // namespace

absl::StatusOr<int> VerifyAtService(const CommonOptions& options,
                                    const AuditArguments&, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      const auto started,
      Ask<AuditService>(options, &AuditService::Stub::StartVerification,
                        masa::v1::StartVerificationRequest()));
  VerifyReport report(options, terminal, started.verification().size());
  MASA_ASSIGN_OR_RETURN(
      const Operation operation,
      Watch(options, started.operation(), [&report](const Operation& seen) {
        AuditVerification verification;
        if (seen.metadata().UnpackTo(&verification)) {
          report.Progress(verification.done());
        }
      }));
  AuditVerdict verdict;
  if (!operation.response().UnpackTo(&verdict)) {
    return absl::CancelledError(operation.error().message());
  }
  report.Fault(absl::InvalidArgumentError(verdict.says()), verdict.faults());
  return report.Finish(verdict.says());
}

}  // namespace masa::masactl
