// Runs verifications of the log, step by step: events against their entries,
// entries against tiles, the tree against signed checkpoints. What it has seen
// is kept with each step, so that another process goes on from there.
#ifndef SERVICES_ISSUANCE_RUN_VERIFICATIONS_H_
#define SERVICES_ISSUANCE_RUN_VERIFICATIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/issuance/verification_steps.h"
#include "services/observe/clock.h"
#include "services/signing/signer.h"
#include "storage/audit_log.h"
#include "storage/verification_store.h"

namespace masa::issuance {

// One thread at a time; blocks.
class RunVerifications {
 public:
  struct Needs {
    storage::AuditLog& log;
    storage::VerificationStore& verifications;
    signing::Signer& signer;
    const Clock& clock;
  };
  struct Terms {
    std::string signing_key;  // of the log's checkpoints
    std::string origin;       // see transparency::OriginOf
    std::string holder;       // this process's name, 16 octets
    // Told of each that ended here, once that is on record; none: nobody.
    std::function<void(const storage::AuditVerification& ended)> ended = {};
  };

  // All outlive this.
  RunVerifications(const Needs& needs, Terms terms)
      : needs_(needs), terms_(std::move(terms)) {}

  // Gives the one that has waited longest a turn: at most 16 steps. Ends early,
  // between steps, when `stopping` says so. False: none waits. An error leaves
  // it until its lease has ended, to the next turn, here or elsewhere.
  absl::StatusOr<bool> RunTurn(const std::function<bool()>& stopping);

 private:
  RequestContext Context(const storage::AuditVerification& one) const;
  VerificationStep Step() const { return {terms_.holder, needs_.clock.Now()}; }
  absl::Status Change(storage::AuditVerification& one,
                      const storage::VerificationPlan& plan);
  // The one that waits longest, taken; nothing when none waits.
  absl::StatusOr<std::optional<storage::AuditVerification>> Take();
  absl::StatusOr<transparency::LogVerifier> VerifierOf(
      const storage::AuditVerification& one);
  absl::Status RunStep(storage::AuditVerification& one);

  const Needs needs_;
  const Terms terms_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_RUN_VERIFICATIONS_H_
