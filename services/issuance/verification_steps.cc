#include "services/issuance/verification_steps.h"

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using storage::AuditVerification;
using storage::HasEnded;
using storage::VerificationChange;
using storage::VerificationPlan;
using storage::v1::AUDIT_VERIFICATION_STATE_CANCELLED;
using storage::v1::AUDIT_VERIFICATION_STATE_CANCELLING;
using storage::v1::AUDIT_VERIFICATION_STATE_ENDED;
using storage::v1::AUDIT_VERIFICATION_STATE_PENDING;
using storage::v1::AUDIT_VERIFICATION_STATE_RUNNING;

int64_t Micros(absl::Time time) { return absl::ToUnixMicros(time); }

absl::Status TakenByAnother() {
  return Refuse(Reason::kStoreConflict,
                "another process runs this verification, or it has ended");
}

void Release(AuditVerification& one) {
  one.clear_holder();
  one.clear_lease_until();
}

void KeepTree(const merkle::GrowingTree& tree, AuditVerification& one) {
  one.clear_edge();
  for (const merkle::Tile& tile : tree.Edge()) {
    auto* kept = one.add_edge();
    kept->set_level(tile.key.level);
    kept->set_hashes(tile.hashes);
  }
}

void End(absl::Time now, VerificationChange& change) {
  AuditVerification& one = change.verification;
  one.set_state(one.state() == AUDIT_VERIFICATION_STATE_CANCELLING
                    ? AUDIT_VERIFICATION_STATE_CANCELLED
                    : AUDIT_VERIFICATION_STATE_ENDED);
  one.set_ended_at(Micros(now));
  one.clear_edge();
  Release(one);
  change.event_kind = storage::kAuditVerificationEnded;
}

}  // namespace

VerificationPlan TakeVerification(const VerificationStep& step) {
  return [step](const AuditVerification& stored)
             -> absl::StatusOr<VerificationChange> {
    const int64_t now = Micros(step.now);
    if (HasEnded(stored) || stored.lease_until() > now) {
      return TakenByAnother();
    }
    VerificationChange change{stored};
    AuditVerification& one = change.verification;
    one.set_holder(step.holder);
    one.set_lease_until(Micros(step.now + kVerificationLease));
    one.set_updated_at(now);
    if (one.state() == AUDIT_VERIFICATION_STATE_PENDING) {
      one.set_state(AUDIT_VERIFICATION_STATE_RUNNING);
      one.set_started_at(now);
    }
    return change;
  };
}

VerificationPlan AdvanceVerification(const VerificationStep& step,
                                     uint64_t done,
                                     const transparency::LogVerifier& verifier,
                                     const VerificationFinding& finding) {
  return [&verifier, step, done, finding](const AuditVerification& stored)
             -> absl::StatusOr<VerificationChange> {
    if (HasEnded(stored) || stored.holder() != step.holder ||
        stored.done() != done) {
      return TakenByAnother();
    }
    VerificationChange change{stored};
    AuditVerification& one = change.verification;
    if (one.faults() == 0) {
      one.set_first_fault(finding.faults.first);
    }
    one.set_faults(one.faults() + finding.faults.count);
    one.set_done(verifier.size());
    one.set_good_size(verifier.good_size());
    one.set_worked_micros(one.worked_micros() +
                          absl::ToInt64Microseconds(finding.took));
    one.set_updated_at(Micros(step.now));
    one.set_lease_until(Micros(step.now + kVerificationLease));
    KeepTree(verifier.tree(), one);
    if (one.done() == one.size() || finding.faults.is_over ||
        one.state() == AUDIT_VERIFICATION_STATE_CANCELLING) {
      End(step.now, change);
    }
    return change;
  };
}

VerificationPlan ReleaseVerification(const VerificationStep& step) {
  return [step](const AuditVerification& stored)
             -> absl::StatusOr<VerificationChange> {
    if (HasEnded(stored) || stored.holder() != step.holder) {
      return TakenByAnother();
    }
    VerificationChange change{stored};
    change.verification.set_updated_at(Micros(step.now));
    Release(change.verification);
    return change;
  };
}

VerificationPlan CancelVerification(absl::Time now) {
  return [now](const AuditVerification& stored)
             -> absl::StatusOr<VerificationChange> {
    VerificationChange change{stored};
    if (stored.state() == AUDIT_VERIFICATION_STATE_CANCELLING ||
        stored.state() == AUDIT_VERIFICATION_STATE_CANCELLED) {
      return change;
    }
    if (HasEnded(stored)) {
      return Refuse(Reason::kJobEnded,
                    "the verification has ended; its verdict stands");
    }
    change.verification.set_state(AUDIT_VERIFICATION_STATE_CANCELLING);
    change.verification.set_updated_at(Micros(now));
    change.event_kind = storage::kAuditVerificationCancelled;
    return change;
  };
}

}  // namespace masa::issuance
