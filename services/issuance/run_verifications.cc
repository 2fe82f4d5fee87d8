#include "services/issuance/run_verifications.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/merkle/hashes.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"
#include "services/wire/uuid_text.h"

namespace masa::issuance {
namespace {

using storage::AuditVerification;
using storage::kBundleWidth;
using transparency::LogVerifier;

constexpr int kStepsOfATurn = 16;
constexpr int kBundlesOfAStep = 32;
constexpr int kLookedAt = 8;  // that others may take before us
// Checkpoints are more than that apart where events come in numbers.
constexpr uint64_t kStride = 4096;

// A share of one log, entry after entry.
class Examination {
 public:
  Examination(const RequestContext& context, storage::AuditLog& log,
              const AuditVerification& one, LogVerifier& verifier)
      : context_(context), log_(log), one_(one), verifier_(verifier) {}

  absl::Status Run() {
    MASA_RETURN_IF_ERROR(FindCheckpoint(verifier_.size() + 1));
    for (int bundles = 0; bundles < kBundlesOfAStep && !finding_.is_over &&
                          verifier_.size() < one_.size();
         ++bundles) {
      MASA_RETURN_IF_ERROR(CheckBundle());
    }
    if (verifier_.size() == one_.size() && !finding_.is_over) {
      Note(verifier_.CheckAt(one_.note()));
    }
    return absl::OkStatus();
  }

  VerificationFinding Finish(absl::Duration took) {
    finding_.took = took;
    return finding_;
  }

 private:
  void Note(const absl::Status& status) {
    if (!status.ok() && finding_.faults++ == 0) {
      finding_.first_fault = std::string(status.message());
    }
  }

  // The next one to look at, from a log of `size` entries on.
  absl::Status FindCheckpoint(uint64_t size) {
    checkpoint_.reset();
    if (size < one_.size()) {
      MASA_ASSIGN_OR_RETURN(
          checkpoint_, log_.CheckpointFrom(context_, one_.tenant_id(), size));
    }
    return absl::OkStatus();
  }

  absl::Status CheckBundle() {
    const uint64_t first = verifier_.size();
    const uint64_t count =
        std::min(kBundleWidth - first % kBundleWidth, one_.size() - first);
    MASA_ASSIGN_OR_RETURN(const auto logged,
                          log_.ReadEntries(context_, one_.tenant_id(), first,
                                           static_cast<int>(count)));
    std::string entries;
    for (const storage::LoggedEvent& entry : logged) {
      entries += entry.entry.commitment;
      MASA_RETURN_IF_ERROR(CheckEntry(entry));
    }
    MASA_RETURN_IF_ERROR(CheckTile(first, entries));
    if (logged.size() < count) {
      Note(Refuse(Reason::kSignatureInvalid,
                  absl::StrCat("event number ", verifier_.size(),
                               " of the log is missing")));
      finding_.is_over = true;
    }
    return absl::OkStatus();
  }

  absl::Status CheckEntry(const storage::LoggedEvent& logged) {
    transparency::GivenEvent given;
    given.name = wire::UuidTextOf(logged.entry.event_id);
    if (logged.event) {
      given.salt = logged.event->salt;
      given.event = storage::CanonicalEvent(*logged.event);
    }
    Note(verifier_.Add(logged.entry.commitment, given));
    if (!checkpoint_ || verifier_.size() < checkpoint_->size) {
      return absl::OkStatus();
    }
    Note(verifier_.CheckAt(checkpoint_->note));
    return FindCheckpoint(verifier_.size() + kStride);
  }

  // The tile that proofs of these entries are made from.
  absl::Status CheckTile(uint64_t first, const std::string& entries) {
    const storage::LogTileKey key = {0, first / kBundleWidth};
    MASA_ASSIGN_OR_RETURN(const auto tiles,
                          log_.ReadTiles(context_, one_.tenant_id(), {key}));
    const uint64_t fitting =
        tiles.empty() ? 0
                      : LogVerifier::FittingLeaves(
                            tiles.front().hashes, entries, merkle::kHashOctets);
    if (fitting * merkle::kHashOctets < entries.size()) {
      Note(Refuse(Reason::kSignatureInvalid,
                  absl::StrCat("tile ", key.number,
                               " of the log does not fit event number ",
                               first + fitting)));
    }
    return absl::OkStatus();
  }

  const RequestContext& context_;
  storage::AuditLog& log_;
  const AuditVerification& one_;
  LogVerifier& verifier_;
  std::optional<storage::LogCheckpoint> checkpoint_;
  VerificationFinding finding_;
};

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
  Examination examination(context, needs_.log, one, verifier);
  MASA_RETURN_IF_ERROR(examination.Run());
  const VerificationFinding finding =
      examination.Finish(needs_.clock.Now() - begin);
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
