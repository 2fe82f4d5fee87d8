// Waits for a job's end without holding a thread: it is looked at a few times a
// second.
#ifndef SERVICES_AUTHORITY_VOUCHER_JOB_WAIT_H_
#define SERVICES_AUTHORITY_VOUCHER_JOB_WAIT_H_

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/duration.pb.h"
#include "services/identity/principal.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// What is waited for, and by whose call.
struct JobWait {
  grpc::CallbackServerContext* call;
  const char* service;
  std::optional<google::protobuf::Duration> timeout;
  // Writes the answer as it would be now, and says whether the job has ended.
  // Blocks.
  std::function<absl::StatusOr<bool>(const RequestContext& context,
                                     const identity::Principal& caller)>
      look;
};

// Serves one call. From when `draining` is true waits end at once. All that is
// referred to outlives the call.
grpc::ServerUnaryReactor* ServeWait(JobWait wait, const rpc::Serving& serving,
                                    const std::atomic<bool>& draining);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VOUCHER_JOB_WAIT_H_
