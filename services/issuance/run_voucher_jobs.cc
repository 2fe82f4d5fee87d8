#include "services/issuance/run_voucher_jobs.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/identity/principal.h"
#include "services/issuance/ids.h"
#include "services/issuance/issue_orders.h"
#include "services/issuance/voucher_archive.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/uuid_text.h"
#include "services/wire/voucher_manifest.h"

namespace masa::issuance {
namespace {

using storage::VoucherJob;
using storage::VoucherJobItem;
using storage::VoucherJobTerms;

constexpr int kBatchesOfATurn = 16;
constexpr int kLookedAt = 8;  // jobs that others may take before us

std::string RequestIdOf(const VoucherJob& job) {
  return absl::StrCat("job-", wire::UuidTextOf(job.job_id()));
}

storage::VoucherJobKey KeyOf(const VoucherJob& job) {
  return {job.tenant_id(), job.job_id()};
}

identity::Principal CallerOf(const VoucherJob& job) {
  const VoucherJobTerms& terms = job.terms();
  return {static_cast<identity::Role>(terms.role()),
          terms.actor(),
          job.tenant_id(),
          terms.actor_organization_id(),
          terms.username(),
          terms.is_service_account()};
}

DeviceListing ListingOf(const VoucherJob& job) {
  return {job.terms().organization_id(), job.terms().group_id(),
          job.terms().filter(), false};
}

// Before all where there is no id.
storage::DevicePlace PlaceOf(int32_t bucket, const std::string& device_id) {
  return device_id.empty()
             ? storage::DevicePlace()
             : storage::DevicePlace{static_cast<int16_t>(bucket), device_id};
}

IssueOrder OrderFor(const VoucherJob& job, const storage::Device& device) {
  const VoucherJobTerms& terms = job.terms();
  IssueOrder order;
  order.device = {device.tenant_id, device.serial_number, device.idevid_issuer};
  order.pinned_cert_der = terms.pinned_cert_der();
  if (terms.has_expires_on()) {
    order.expires_on = absl::FromUnixSeconds(terms.expires_on());
  }
  order.format = static_cast<masa::v1::Format>(terms.format());
  order.request_id = RequestIdOf(job);
  order.est_onboarding = terms.est_onboarding();
  if (!terms.cert_id().empty()) {
    order.revocation_checks = terms.revocation_checks();
  }
  return order;
}

VoucherJobItem ItemOf(const storage::Device& device,
                      const absl::StatusOr<storage::Committed>& outcome) {
  VoucherJobItem item;
  item.set_bucket(device.bucket);
  item.set_device_id(device.device_id);
  item.set_serial_number(device.serial_number);
  if (device.idevid_issuer) {
    item.set_idevid_issuer(*device.idevid_issuer);
  }
  if (!outcome.ok()) {
    item.set_reason(std::string(InfoOf(ReasonOf(outcome.status())).name));
    item.set_message(PublicMessage(outcome.status()));
    return item;
  }
  const storage::IssuedVoucher& issued = outcome->voucher;
  item.set_voucher_id(issued.voucher_id);
  item.set_octets(static_cast<int64_t>(issued.voucher.size()));
  item.set_sha256(Sha256(issued.voucher));
  item.set_created_on(absl::ToUnixSeconds(issued.created_on));
  return item;
}

}  // namespace

RequestContext RunVoucherJobs::Context(const std::string& request_id) const {
  RequestContext context;
  context.request_id = request_id;
  context.deadline = tools_.clock.Now() + kLease;
  return context;
}

absl::Status RunVoucherJobs::Change(VoucherJob& job,
                                    const storage::VoucherJobPlan& plan) {
  MASA_ASSIGN_OR_RETURN(
      job, jobs_.ChangeJob(Context(RequestIdOf(job)), job.terms().actor(),
                           tools_.clock.Now(), KeyOf(job), plan));
  return absl::OkStatus();
}

absl::StatusOr<VoucherJob> RunVoucherJobs::Take() {
  MASA_ASSIGN_OR_RETURN(
      std::vector<VoucherJob> ready,
      jobs_.ListReady(Context("voucher-jobs"), tools_.clock.Now(), kLookedAt));
  for (VoucherJob& job : ready) {
    const absl::Status taken = Change(job, TakeJob(Step()));
    if (taken.ok()) {
      return std::move(job);
    }
    if (ReasonOf(taken) != Reason::kStoreConflict) {
      return taken;
    }
  }
  return VoucherJob();
}

absl::Status RunVoucherJobs::CountDevices(VoucherJob& job) {
  MASA_ASSIGN_OR_RETURN(
      const storage::DeviceCount count,
      registry_.Count(Context(RequestIdOf(job)), CallerOf(job), ListingOf(job),
                      PlaceOf(job.count_bucket(), job.count_device_id())));
  return Change(job, KeepCount(Step(), count.devices, count.next));
}

// The whole batch rests for a reason that passes: what was issued of it is
// found again.
absl::StatusOr<JobBatch> RunVoucherJobs::Issue(
    const VoucherJob& job, const storage::DevicePage& page) {
  JobBatch batch;
  std::vector<IssueOrder> orders;
  for (const storage::Device& device : page.devices) {
    orders.push_back(OrderFor(job, device));
    batch.place = {device.bucket, device.device_id};
  }
  batch.place = page.next.value_or(batch.place);
  if (orders.empty()) {
    return batch;
  }
  const RequestContext context = Context(RequestIdOf(job));
  const identity::Principal caller = CallerOf(job);
  std::vector<AskedOrder> asked;
  for (const IssueOrder& order : orders) {
    asked.push_back({&context, &caller, &order});
  }
  const auto outcomes = IssueEach(tools_, context, asked, Company::kOneCall);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].ok() && Passes(outcomes[i].status())) {
      return outcomes[i].status();
    }
    if (outcomes[i].ok()) {
      batch.request_digest = outcomes[i]->voucher.request_digest;
    }
    *batch.items.add_items() = ItemOf(page.devices[i], outcomes[i]);
  }
  return batch;
}

absl::Status RunVoucherJobs::RunBatch(VoucherJob& job, VoucherJobTurn& turn) {
  const absl::Time begin = tools_.clock.Now();
  const auto page = registry_.List(
      Context(RequestIdOf(job)), CallerOf(job), ListingOf(job),
      PlaceOf(job.cursor_bucket(), job.cursor_device_id()), BatchSizeOf(job));
  MASA_RETURN_IF_ERROR(page.status());
  MASA_ASSIGN_OR_RETURN(JobBatch batch, Issue(job, *page));
  batch.took = tools_.clock.Now() - begin;
  const int64_t issued = job.issued();
  const int64_t refused = job.refused();
  MASA_RETURN_IF_ERROR(Change(job, AddBatch(Step(), job.batches(), batch)));
  turn.issued += job.issued() - issued;
  turn.refused += job.refused() - refused;
  return page->next ? absl::OkStatus()
                    : Change(job, EndJob(Step(), absl::OkStatus()));
}

absl::Status RunVoucherJobs::RunBatches(VoucherJob& job, VoucherJobTurn& turn,
                                        const std::function<bool()>& stopping) {
  for (int batches = 0; batches < kBatchesOfATurn && !stopping(); ++batches) {
    if (job.state() == storage::v1::VOUCHER_JOB_STATE_CANCELLING) {
      return Change(job, EndJob(Step(), absl::OkStatus()));
    }
    if (batches == 0 && !job.has_total()) {
      MASA_RETURN_IF_ERROR(CountDevices(job));
    }
    MASA_RETURN_IF_ERROR(RunBatch(job, turn));
    if (job.ended_at() != 0) {
      return absl::OkStatus();
    }
  }
  return Change(job, ReleaseJob(Step()));
}

absl::StatusOr<VoucherJobTurn> RunVoucherJobs::RunTurn(
    const std::function<bool()>& stopping) {
  VoucherJobTurn turn;
  MASA_ASSIGN_OR_RETURN(VoucherJob job, Take());
  if (job.job_id().empty()) {
    return turn;
  }
  turn.worked = true;
  const absl::Status stopped = RunBatches(job, turn, stopping);
  if (!stopped.ok()) {
    // Where this is not stored either, or somebody else has the job, there is
    // nothing more to do: the lease ends by itself.
    const bool rests = Passes(stopped);
    (void)Change(job,
                 rests ? RestJob(Step(), stopped) : EndJob(Step(), stopped));
    turn.rested = rests ? stopped : absl::OkStatus();
  }
  return turn;
}

}  // namespace masa::issuance
