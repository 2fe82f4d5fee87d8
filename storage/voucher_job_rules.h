// What a voucher job's record must be like, and what the audit log says of it:
// shared by all implementations, so that they decide alike. Pure.
#ifndef STORAGE_VOUCHER_JOB_RULES_H_
#define STORAGE_VOUCHER_JOB_RULES_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/audit_event.h"
#include "storage/device_changes.h"
#include "storage/voucher_job_store.h"

namespace masa::storage {

// kInvalidArgument when an id has not its length or a text cannot be stored.
absl::Status CheckVoucherJob(const VoucherJob& job);

absl::Status JobUnknown();
absl::Status JobResultGone();

bool HasEnded(const VoucherJob& job);

// When somebody may take it to run it; none when it has ended. A cancelled one
// does not rest.
std::optional<absl::Time> ReadyAt(const VoucherJob& job);

// kRequestIdReused unless `known` stands for this very order.
absl::Status CheckSameOrder(const OnceResult& known, const OnceOrder& order);

// Which job, and how far it has come.
AuditEvent VoucherJobEvent(const char* kind, const VoucherJob& job,
                           const Change& change);

}  // namespace masa::storage

#endif  // STORAGE_VOUCHER_JOB_RULES_H_
