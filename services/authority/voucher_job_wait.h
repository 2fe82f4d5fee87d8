// Waits for a voucher job's end without holding a thread: the job is looked at
// a few times a second.
#ifndef SERVICES_AUTHORITY_VOUCHER_JOB_WAIT_H_
#define SERVICES_AUTHORITY_VOUCHER_JOB_WAIT_H_

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/duration.pb.h"
#include "services/issuance/voucher_job_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// What is waited for, and by whose call.
struct VoucherJobWait {
  grpc::CallbackServerContext* call;
  const char* service;
  absl::StatusOr<std::string> job_id;  // 16 octets, or why it is none
  std::optional<google::protobuf::Duration> timeout;
  // Writes the answer: the job when it has ended, or the wait has.
  std::function<void(const issuance::VoucherJobView& view)> answer;
};

// Serves one call. From when `draining` is true waits end at once. All that is
// referred to outlives the call.
grpc::ServerUnaryReactor* ServeWait(VoucherJobWait wait,
                                    const rpc::Serving& serving,
                                    issuance::VoucherJobDesk& desk,
                                    const std::atomic<bool>& draining);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VOUCHER_JOB_WAIT_H_
