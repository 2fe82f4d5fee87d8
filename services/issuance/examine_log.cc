#include "services/issuance/examine_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/merkle/hashes.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/uuid_text.h"

namespace masa::issuance {
namespace {

using storage::kBundleWidth;
using transparency::LogVerifier;

constexpr int kBundlesOfARun = 32;
// Checkpoints are more than that apart where events come in numbers.
constexpr uint64_t kStride = 4096;

}  // namespace

absl::Status LogExamination::Run() {
  MASA_RETURN_IF_ERROR(FindCheckpoint(verifier_.size() + 1));
  for (int bundles = 0; bundles < kBundlesOfARun && !faults_.is_over &&
                        verifier_.size() < examined_.size;
       ++bundles) {
    MASA_RETURN_IF_ERROR(CheckBundle());
  }
  if (verifier_.size() == examined_.size && !faults_.is_over) {
    Note(verifier_.CheckAt(examined_.note));
  }
  return absl::OkStatus();
}

void LogExamination::Note(const absl::Status& status) {
  if (!status.ok() && faults_.count++ == 0) {
    faults_.first = std::string(status.message());
  }
}

absl::Status LogExamination::FindCheckpoint(uint64_t size) {
  checkpoint_.reset();
  if (size < examined_.size) {
    MASA_ASSIGN_OR_RETURN(
        checkpoint_, log_.CheckpointFrom(context_, examined_.tenant_id, size));
  }
  return absl::OkStatus();
}

absl::Status LogExamination::CheckBundle() {
  const uint64_t first = verifier_.size();
  const uint64_t count =
      std::min(kBundleWidth - first % kBundleWidth, examined_.size - first);
  MASA_ASSIGN_OR_RETURN(const auto logged,
                        log_.ReadEntries(context_, examined_.tenant_id, first,
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
    faults_.is_over = true;
  }
  return absl::OkStatus();
}

absl::Status LogExamination::CheckEntry(const storage::LoggedEvent& logged) {
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

absl::Status LogExamination::CheckTile(uint64_t first,
                                       const std::string& entries) {
  const storage::LogTileKey key = {0, first / kBundleWidth};
  MASA_ASSIGN_OR_RETURN(const auto tiles,
                        log_.ReadTiles(context_, examined_.tenant_id, {key}));
  const uint64_t fitting =
      tiles.empty() ? 0
                    : LogVerifier::FittingLeaves(tiles.front().hashes, entries,
                                                 merkle::kHashOctets);
  if (fitting * merkle::kHashOctets < entries.size()) {
    Note(Refuse(Reason::kSignatureInvalid,
                absl::StrCat("tile ", key.number,
                             " of the log does not fit event number ",
                             first + fitting)));
  }
  return absl::OkStatus();
}

}  // namespace masa::issuance
