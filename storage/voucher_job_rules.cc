#include "storage/voucher_job_rules.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {

absl::Status CheckVoucherJob(const VoucherJob& job) {
  constexpr size_t kIdOctets = 16;
  const VoucherJobTerms& terms = job.terms();
  return job.job_id().size() == kIdOctets && !job.tenant_id().empty() &&
                 IsStorableText(job.tenant_id()) &&
                 IsStorableText(terms.actor_organization_id())
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "an id of the job is empty, has not its length, or is "
                      "not UTF-8");
}

absl::Status JobUnknown() {
  return Refuse(Reason::kJobUnknown,
                "there is no such job, or this account may not see it");
}

absl::Status JobResultGone() {
  return Refuse(Reason::kJobResultGone,
                "the job's vouchers are not all kept any more; start another "
                "job for these devices");
}

bool HasEnded(const VoucherJob& job) {
  return job.state() == v1::VOUCHER_JOB_STATE_SUCCEEDED ||
         job.state() == v1::VOUCHER_JOB_STATE_CANCELLED ||
         job.state() == v1::VOUCHER_JOB_STATE_FAILED;
}

std::optional<absl::Time> ReadyAt(const VoucherJob& job) {
  if (HasEnded(job)) {
    return std::nullopt;
  }
  const bool rests = job.state() != v1::VOUCHER_JOB_STATE_CANCELLING;
  return absl::FromUnixMicros(
      std::max({job.lease_until(), rests ? job.rest_until() : int64_t{0},
                job.holder().empty() ? job.updated_at() : int64_t{0}}));
}

absl::Status CheckSameOrder(const OnceResult& known, const OnceOrder& order) {
  return known.digest == order.digest
             ? absl::OkStatus()
             : Refuse(Reason::kRequestIdReused,
                      "request_id was used for another call");
}

AuditEvent VoucherJobEvent(const char* kind, const VoucherJob& job,
                           const Change& change) {
  AuditEvent event;
  event.event_id = NewEventId(change.at);
  event.tenant_id = job.tenant_id();
  event.kind = kind;
  event.at = change.at;
  event.actor = change.actor;
  event.request_id = change.request_id;
  event.payload = absl::StrCat(
      "{\"job_id\":\"", absl::BytesToHexString(job.job_id()),
      "\",\"state\":", static_cast<int>(job.state()),
      ",\"issued\":", job.issued(), ",\"refused\":", job.refused(), "}");
  return event;
}

}  // namespace masa::storage
