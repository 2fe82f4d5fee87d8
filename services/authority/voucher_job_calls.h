// Messages of VoucherJobService and of google.longrunning.Operations, and the
// values of their use cases. Pure.
#ifndef SERVICES_AUTHORITY_VOUCHER_JOB_CALLS_H_
#define SERVICES_AUTHORITY_VOUCHER_JOB_CALLS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "proto/google/longrunning/operations.pb.h"
#include "proto/masa/v1/voucher_job.pb.h"
#include "services/issuance/voucher_job_desk.h"

namespace masa::authority {

// kInvalidArgument with the fields that are wrong.
absl::StatusOr<issuance::VoucherJobOrder> OrderOf(
    const masa::v1::StartVoucherJobRequest& request);

masa::v1::VoucherJob MessageOf(const issuance::VoucherJobView& view);

// The job as an operation: its message as metadata while it runs and as the
// response when it has ended; an error when it failed or was cancelled.
google::longrunning::Operation OperationOf(
    const issuance::VoucherJobView& view);

// The 16 octets of a job's id. kJobUnknown for what is no id: it is nobody's.
absl::StatusOr<std::string> JobIdOf(const std::string& uuid);
// The same of an operation's name.
absl::StatusOr<std::string> JobIdOfName(const std::string& name);

// Until when to wait for a job: as long as was asked for, which may be nothing,
// at most ten minutes, and not past the call's deadline. kInvalidArgument for
// less than zero.
absl::StatusOr<absl::Time> WaitEndOf(
    const std::optional<google::protobuf::Duration>& timeout, absl::Time now,
    absl::Time deadline);

// The octets of one piece, which begins at `offset`, in messages.
std::vector<masa::v1::ExportVouchersResponse> MessagesOf(
    const issuance::ArchivePiece& piece, int64_t offset);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VOUCHER_JOB_CALLS_H_
