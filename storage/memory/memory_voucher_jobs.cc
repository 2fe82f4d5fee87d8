#include "storage/memory/memory_voucher_jobs.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"
#include "storage/voucher_job_rules.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

}  // namespace

void MemoryVoucherJobs::FailNext(MemoryStore::Failure failure) {
  absl::MutexLock lock(&mutex_);
  failure_ = failure;
}

void MemoryVoucherJobs::Stop(bool stopped) {
  absl::MutexLock lock(&mutex_);
  stopped_ = stopped;
}

std::vector<AuditEvent> MemoryVoucherJobs::Events() const {
  absl::MutexLock lock(&mutex_);
  return events_;
}

int MemoryVoucherJobs::Calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

MemoryVoucherJobs::Fate MemoryVoucherJobs::NextFate() {
  ++calls_;
  const auto failure = std::exchange(failure_, std::nullopt);
  if (stopped_ || failure == MemoryStore::Failure::kUnstored) {
    return Fate::kUnstored;
  }
  return failure ? Fate::kStored : Fate::kAnswer;
}

void MemoryVoucherJobs::Remember(const std::optional<OnceOrder>& once,
                                 const std::string& result) {
  if (once) {
    results_[{once->key.tenant_id, once->key.actor, once->key.request_id}] = {
        once->digest, result};
  }
}

absl::StatusOr<std::optional<OnceResult>> MemoryVoucherJobs::Repeated(
    const std::optional<OnceOrder>& once) const {
  std::optional<OnceResult> known;
  if (once) {
    const auto found = results_.find(
        {once->key.tenant_id, once->key.actor, once->key.request_id});
    if (found != results_.end()) {
      MASA_RETURN_IF_ERROR(CheckSameOrder(found->second, *once));
      known = found->second;
    }
  }
  return known;
}

absl::StatusOr<VoucherJob> MemoryVoucherJobs::StartJob(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const VoucherJob& job, const std::optional<OnceOrder>& once) {
  MASA_RETURN_IF_ERROR(CheckVoucherJob(job));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  MASA_ASSIGN_OR_RETURN(const auto known, Repeated(once));
  if (known) {
    return jobs_.at({job.tenant_id(), known->result});
  }
  Remember(once, job.job_id());
  jobs_[{job.tenant_id(), job.job_id()}] = job;
  events_.push_back(VoucherJobEvent(kVoucherJobStarted, job,
                                    {actor, at, context.request_id}));
  return fate == Fate::kStored ? absl::StatusOr<VoucherJob>(Unavailable())
                               : job;
}

absl::StatusOr<VoucherJob> MemoryVoucherJobs::GetJob(
    const RequestContext& context, const VoucherJobKey& key) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const auto found = jobs_.find({key.tenant_id, key.job_id});
  return found == jobs_.end() ? absl::StatusOr<VoucherJob>(JobUnknown())
                              : found->second;
}

absl::StatusOr<std::vector<VoucherJob>> MemoryVoucherJobs::ListJobs(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id, const std::string& before, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<VoucherJob> found;
  for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
    const VoucherJob& job = at->second;
    if (job.tenant_id() == tenant_id &&
        (organization_id.empty() ||
         job.terms().actor_organization_id() == organization_id) &&
        (before.empty() || job.job_id() < before) &&
        static_cast<int>(found.size()) < limit) {
      found.push_back(job);
    }
  }
  return found;
}

absl::StatusOr<VoucherJob> MemoryVoucherJobs::ChangeJob(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const VoucherJobKey& key, const VoucherJobPlan& plan,
    const std::optional<OnceOrder>& once) {
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const auto found = jobs_.find({key.tenant_id, key.job_id});
  if (found == jobs_.end()) {
    return JobUnknown();
  }
  MASA_ASSIGN_OR_RETURN(const auto known, Repeated(once));
  if (known) {
    return found->second;
  }
  MASA_ASSIGN_OR_RETURN(const VoucherJobChange change, plan(found->second));
  Remember(once, "");
  found->second = change.job;
  if (change.batch) {
    batches_[found->first].push_back(*change.batch);
  }
  if (change.event_kind != nullptr) {
    events_.push_back(VoucherJobEvent(change.event_kind, change.job,
                                      {actor, at, context.request_id}));
  }
  return fate == Fate::kStored ? absl::StatusOr<VoucherJob>(Unavailable())
                               : change.job;
}

absl::StatusOr<std::vector<VoucherJob>> MemoryVoucherJobs::ListReady(
    const RequestContext& context, absl::Time now, int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<VoucherJob> ready;
  for (const auto& [key, job] : jobs_) {
    const auto at = ReadyAt(job);
    if (at && *at <= now) {
      ready.push_back(job);
    }
  }
  std::stable_sort(ready.begin(), ready.end(),
                   [](const VoucherJob& a, const VoucherJob& b) {
                     return *ReadyAt(a) < *ReadyAt(b);
                   });
  ready.resize(std::min(ready.size(), static_cast<size_t>(std::max(limit, 0))));
  return ready;
}

absl::StatusOr<std::map<VoucherJobState, int64_t>> MemoryVoucherJobs::CountOpen(
    const RequestContext& context) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::map<VoucherJobState, int64_t> counts;
  for (const auto& [key, job] : jobs_) {
    if (!HasEnded(job)) {
      ++counts[job.state()];
    }
  }
  return counts;
}

absl::StatusOr<VoucherJobBatch> MemoryVoucherJobs::FindBatch(
    const RequestContext& context, const VoucherJobKey& key,
    VoucherJobPart part, int64_t offset) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  const VoucherJobBatch* last = nullptr;
  const auto batches = batches_.find({key.tenant_id, key.job_id});
  if (batches != batches_.end()) {
    for (const VoucherJobBatch& batch : batches->second) {
      const int64_t begin = part == VoucherJobPart::kFiles
                                ? batch.file_begin
                                : batch.manifest_begin;
      last = begin <= offset ? &batch : last;
    }
  }
  return last == nullptr ? absl::StatusOr<VoucherJobBatch>(JobResultGone())
                         : *last;
}

absl::StatusOr<std::vector<std::string>> MemoryVoucherJobs::ReadJobVouchers(
    const RequestContext& context, const std::string& request_digest,
    const std::vector<VoucherJobItem>& items) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  constexpr int kVouchersOfADevice = 1000;
  std::vector<std::string> octets;
  for (const VoucherJobItem& item : items) {
    MASA_ASSIGN_OR_RETURN(
        const std::vector<IssuedVoucher> issued,
        log_.ListForDevice(context, static_cast<int16_t>(item.bucket()),
                           item.device_id(), kVouchersOfADevice));
    const auto found = std::find_if(
        issued.begin(), issued.end(), [&](const IssuedVoucher& voucher) {
          return voucher.request_digest == request_digest && voucher.IsKept();
        });
    if (found == issued.end()) {
      return JobResultGone();
    }
    octets.push_back(found->voucher);
  }
  return octets;
}

}  // namespace masa::storage
