// The audit log of an authority: who reads it, the loop that sequences events
// into it, and the check at start that nothing of it is lost.
#ifndef SERVICES_MASAD_AUDIT_PART_H_
#define SERVICES_MASAD_AUDIT_PART_H_

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/issuance/count_refusals.h"
#include "services/issuance/guard_logs.h"
#include "services/issuance/run_verifications.h"
#include "services/issuance/sequence_events.h"
#include "services/issuance/serve_audit.h"
#include "services/issuance/serve_verifications.h"
#include "services/masad/files.h"
#include "services/masad/mirror_folder.h"
#include "services/masad/verification_loop.h"
#include "services/observe/clock.h"
#include "services/telemetry/audit_metrics.h"
#include "services/telemetry/job_run_metrics.h"
#include "storage/catalog_store.h"
#include "storage/job_runs.h"

namespace masa::masad {

class AuditPart {
 public:
  struct Needs {
    storage::AuditLog& log;
    storage::AuditSequence& sequence;
    storage::VerificationStore& verifications;
    storage::JobRuns& job_runs;
    storage::CatalogStore& catalog;
    storage::GroupStore& groups;
    storage::OwnedDevices& owned;
    issuance::OperatorDesk& operators;
    signing::Signer& signer;
    issuance::CountRefusals& refusals;
    prometheus::Registry& registry;
  };

  // Starts the loop. All outlive it. kMisconfigured when the mirror's folder
  // is not there.
  static absl::StatusOr<std::unique_ptr<AuditPart>> New(const Setup& setup,
                                                        const Needs& needs);
  // Stops, after the round that runs, and lets another go on.
  ~AuditPart();

  issuance::AuditDesk& desk() { return desk_; }
  issuance::VerificationDesk& verifications() { return verification_desk_; }

  // Whether the log continues what was said of it: as of the check at start,
  // and of the last round since.
  absl::Status Ready();

 private:
  AuditPart(const masa::v1::AuditLog& config, const Needs& needs,
            std::unique_ptr<MirrorFolder> mirror);

  void Run();
  // Waits until the next round, or until it stops; whether it goes on.
  bool Wait(absl::Duration pause);
  // Held against what is outside, until that was well once.
  absl::Status CheckOnce();
  // One round; how long to rest then.
  absl::Duration Round();
  void SetState(const absl::Status& state);
  void Measure();
  // Reads how the jobs beside the service ended, every quarter of a minute.
  void MeasureJobs();
  // Makes an event of what was refused, once a minute.
  void WriteRefusals();

  const Needs needs_;
  const SystemClock clock_;
  const std::unique_ptr<MirrorFolder> mirror_;  // none: nothing outside
  issuance::ServeAudit desk_;
  issuance::ServeVerifications verification_desk_;
  issuance::RunVerifications verifications_;
  std::unique_ptr<issuance::GuardLogs> guard_;  // none without a mirror
  issuance::SequenceEvents sequencer_;
  telemetry::AuditMetrics metrics_;
  telemetry::JobRunMetrics job_runs_;
  bool checked_ = false;
  absl::Time measured_ = absl::InfinitePast();
  absl::Time jobs_measured_ = absl::InfinitePast();
  absl::Time refusals_written_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status state_ ABSL_GUARDED_BY(mutex_);
  VerificationLoop verification_loop_;
  std::thread thread_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_AUDIT_PART_H_
