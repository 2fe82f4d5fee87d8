#include "services/masad/audit_part.h"

#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/config/check_config.h"
#include "services/executor/thread_name.h"
#include "services/issuance/ids.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

// So often whoever leads looks for events, and whoever does not, whether it
// may.
constexpr absl::Duration kPause = absl::Milliseconds(250);
constexpr absl::Duration kLongPause = absl::Seconds(2);

RequestContext NewContext() {
  RequestContext context;
  context.request_id = "audit";
  context.deadline = absl::Now() + absl::Seconds(20);
  return context;
}

// No two processes have the same, nor one before and after a restart.
std::string NewHolder() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, "-", getpid(), "-",
                      absl::BytesToHexString(storage::NewSalt()));
}

issuance::AuditTerms TermsOf(const masa::v1::AuditLog& config) {
  return {config.signing_key(), config.origin(), NewHolder()};
}

std::vector<issuance::AcceptedLoss> LossesOf(const masa::v1::AuditLog& config) {
  std::vector<issuance::AcceptedLoss> losses;
  for (const masa::v1::AcceptedLoss& loss : config.accepted_losses()) {
    losses.push_back({loss.tenant_id(), loss.checkpoint_size(), loss.reason()});
  }
  return losses;
}

// What does not fit was found, though the rest was not looked at any more.
telemetry::AuditMetrics::Verdict VerdictOf(
    const storage::AuditVerification& ended) {
  using Verdict = telemetry::AuditMetrics::Verdict;
  return ended.faults() > 0 ? Verdict::kBroken
         : ended.state() == storage::v1::AUDIT_VERIFICATION_STATE_CANCELLED
             ? Verdict::kCancelled
             : Verdict::kHeld;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditPart>> AuditPart::New(const Setup& setup,
                                                          const Needs& needs) {
  const masa::v1::AuditLog& config = setup.config.authority().audit();
  std::unique_ptr<MirrorFolder> mirror;
  if (!config.mirror_folder().empty()) {
    MASA_ASSIGN_OR_RETURN(mirror, MirrorFolder::Open(config::Below(
                                      setup.folder, config.mirror_folder())));
  }
  return std::unique_ptr<AuditPart>(
      new AuditPart(config, needs, std::move(mirror)));
}

AuditPart::AuditPart(const masa::v1::AuditLog& config, const Needs& needs,
                     std::unique_ptr<MirrorFolder> mirror)
    : needs_(needs),
      mirror_(std::move(mirror)),
      desk_(needs.log, needs.groups, needs.owned, needs.operators),
      verification_desk_(needs.log, needs.verifications, clock_),
      verifications_(
          {needs.log, needs.verifications, needs.signer, clock_},
          {config.signing_key(), config.origin(), issuance::NewId(clock_.Now()),
           [this](const storage::AuditVerification& ended) {
             metrics_.CountVerification(VerdictOf(ended));
           }}),
      guard_(mirror_ == nullptr
                 ? nullptr
                 : std::make_unique<issuance::GuardLogs>(
                       needs.log, needs.sequence, needs.signer, *mirror_,
                       clock_, TermsOf(config), LossesOf(config))),
      sequencer_(needs.log, needs.sequence, needs.signer, mirror_.get(), clock_,
                 TermsOf(config)),
      metrics_(needs.registry),
      job_runs_(needs.registry),
      refusals_written_(absl::Now()),
      state_(mirror_ == nullptr
                 ? absl::OkStatus()
                 : Refuse(Reason::kStoreUnavailable,
                          "the audit log has not been checked yet")),
      verification_loop_(verifications_),
      thread_([this] { Run(); }) {}

AuditPart::~AuditPart() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
  sequencer_.Resign(NewContext());
}

absl::Status AuditPart::Ready() {
  MutexLock lock(mutex_);
  return state_;
}

void AuditPart::SetState(const absl::Status& state) {
  MutexLock lock(mutex_);
  if (!state.ok() && state != state_) {
    telemetry::Log(telemetry::Level::kError, "the audit log does not go on",
                   {{"reason", std::string(InfoOf(ReasonOf(state)).name)},
                    {"detail", std::string(state.message())}});
  }
  state_ = state;
}

bool AuditPart::Wait(absl::Duration pause) {
  MutexLock lock(mutex_);
  if (!stopping_ && pause > absl::ZeroDuration()) {
    (void)changed_.WaitFor(mutex_, absl::ToChronoMilliseconds(pause));
  }
  return !stopping_;
}

absl::Status AuditPart::CheckOnce() {
  if (checked_ || guard_ == nullptr) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(const masa::v1::Catalog catalog,
                        needs_.catalog.ReadPolicies(NewContext()));
  std::vector<std::string> tenant_ids;
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    tenant_ids.push_back(tenant.tenant_id());
  }
  MASA_RETURN_IF_ERROR(guard_->Check(NewContext(), tenant_ids));
  checked_ = true;
  return absl::OkStatus();
}

void AuditPart::Measure() {
  if (absl::Now() - measured_ < absl::Seconds(1)) {
    return;
  }
  measured_ = absl::Now();
  for (const auto& [tenant_id, progress] : sequencer_.progress()) {
    metrics_.SetLog(tenant_id, progress.size, progress.checkpoint_at);
  }
  const auto waiting = needs_.sequence.CountWaiting(NewContext());
  if (waiting.ok()) {
    metrics_.SetWaiting(*waiting);
  }
}

void AuditPart::MeasureJobs() {
  if (absl::Now() - jobs_measured_ < absl::Seconds(15)) {
    return;
  }
  jobs_measured_ = absl::Now();
  const auto runs = needs_.job_runs.List(NewContext());
  if (runs.ok()) {
    job_runs_.Update(*runs);
  }
}

void AuditPart::WriteRefusals() {
  if (absl::Now() - refusals_written_ < absl::Minutes(1)) {
    return;
  }
  refusals_written_ = absl::Now();
  const auto catalog = needs_.catalog.ReadPolicies(NewContext());
  if (catalog.ok()) {
    // What is not written is counted on.
    (void)needs_.refusals.Write(NewContext(), needs_.sequence, *catalog);
  }
}

absl::Duration AuditPart::Round() {
  const absl::Status checked = CheckOnce();
  if (!checked.ok()) {
    SetState(checked);
    return kLongPause;
  }
  WriteRefusals();
  MeasureJobs();
  const auto round = sequencer_.Run(NewContext());
  Measure();
  const absl::Status failed = round.ok() ? round->failed : round.status();
  // What passes by itself is no reason to send callers away.
  SetState(ReasonOf(failed) == Reason::kMisconfigured ? failed
                                                      : absl::OkStatus());
  if (!round.ok() || !round->leads) {
    return kLongPause;
  }
  return round->is_behind ? absl::ZeroDuration() : kPause;
}

void AuditPart::Run() {
  NameThisThread("audit");
  while (Wait(Round())) {
  }
}

}  // namespace masa::masad
