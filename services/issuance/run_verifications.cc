#include "services/issuance/run_verifications.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "services/issuance/examine_log.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"
#include "services/wire/uuid_text.h"

namespace masa::issuance {
namespace {

using storage::AuditVerification;
using transparency::LogVerifier;

constexpr int kStepsOfATurn = 16;
constexpr int kLookedAt = 8;  // that others may take before us

}  // namespace

RequestContext RunVerifications::Context(const AuditVerification& one) const {
  RequestContext context;
  context.request_id =
      absl::StrCat("verification-", wire::UuidTextOf(one.verification_id()));
  context.deadline = needs_.clock.Now() + kVerificationLease;
  return context;
}

absl::Status RunVerifications::Change(AuditVerification& one,
                                      const storage::VerificationPlan& plan) {
  MASA_ASSIGN_OR_RETURN(one,
                        needs_.verifications.ChangeVerification(
                            Context(one), one.actor(), needs_.clock.Now(),
                            {one.tenant_id(), one.verification_id()}, plan));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<AuditVerification>> RunVerifications::Take() {
  MASA_ASSIGN_OR_RETURN(auto ready,
                        needs_.verifications.ListReadyVerifications(
                            Context({}), needs_.clock.Now(), kLookedAt));
  for (AuditVerification& one : ready) {
    const absl::Status taken = Change(one, TakeVerification(Step()));
    if (taken.ok()) {
      return std::optional<AuditVerification>(std::move(one));
    }
    if (ReasonOf(taken) != Reason::kStoreConflict) {
      return taken;
    }
  }
  return std::optional<AuditVerification>();
}

absl::StatusOr<LogVerifier> RunVerifications::VerifierOf(
    const AuditVerification& one) {
  MASA_ASSIGN_OR_RETURN(
      const signing::KeyDescription key,
      needs_.signer.Describe(Context(one), terms_.signing_key));
  MASA_ASSIGN_OR_RETURN(
      transparency::NoteKey note,
      transparency::NoteKeyOf(
          transparency::OriginOf(terms_.origin, one.tenant_id()),
          key.chain_der.empty() ? "" : key.chain_der.front()));
  auto tree = merkle::GrowingTree::Load(
      one.done(),
      [&one](const merkle::TileKey& tile) -> std::optional<std::string> {
        for (const auto& kept : one.edge()) {
          if (kept.level() == tile.level) {
            return kept.hashes();
          }
        }
        return std::nullopt;
      });
  if (!tree) {
    return Refuse(Reason::kMisconfigured,
                  "a verification's record is not as it was written");
  }
  return LogVerifier(std::move(note), *std::move(tree), one.good_size());
}

absl::Status RunVerifications::RunStep(AuditVerification& one) {
  const absl::Time begin = needs_.clock.Now();
  const uint64_t done = one.done();
  MASA_ASSIGN_OR_RETURN(LogVerifier verifier, VerifierOf(one));
  const RequestContext context = Context(one);
  const ExaminedLog examined = {one.tenant_id(), one.size(), one.note()};
  LogExamination examination(context, needs_.log, examined, verifier);
  MASA_RETURN_IF_ERROR(examination.Run());
  const VerificationFinding finding = {examination.faults(),
                                       needs_.clock.Now() - begin};
  return Change(one, AdvanceVerification(Step(), done, verifier, finding));
}

absl::StatusOr<bool> RunVerifications::RunTurn(
    const std::function<bool()>& stopping) {
  MASA_ASSIGN_OR_RETURN(std::optional<AuditVerification> one, Take());
  if (!one) {
    return false;
  }
  for (int steps = 0; steps < kStepsOfATurn && !stopping(); ++steps) {
    MASA_RETURN_IF_ERROR(RunStep(*one));
    if (storage::HasEnded(*one)) {
      if (terms_.ended != nullptr) {
        terms_.ended(*one);
      }
      return true;
    }
  }
  MASA_RETURN_IF_ERROR(Change(*one, ReleaseVerification(Step())));
  return true;
}

}  // namespace masa::issuance
