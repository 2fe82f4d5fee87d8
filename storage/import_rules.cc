#include "storage/import_rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kLongestImportId = 128;

absl::Status OutOfOrder(const std::string& what) {
  return Refuse(Reason::kImportOutOfOrder, what);
}

// Only what needs no escape in JSON, so that an event's payload is plain.
bool IsPlain(const std::string& id) {
  for (const char c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        std::string("-_.:").find(c) == std::string::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::Status CheckImportKey(const ImportKey& key) {
  return !key.import_id.empty() && key.import_id.size() <= kLongestImportId &&
                 IsPlain(key.import_id)
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "import_id is not 1 to 128 letters, digits, or any of "
                      "- _ . :");
}

absl::Status ImportUnknown() {
  return Refuse(Reason::kImportUnknown, "there is no such import");
}

absl::Status CheckSameImport(const ImportProgress& stored,
                             OnConflict on_conflict) {
  return stored.on_conflict == on_conflict
             ? absl::OkStatus()
             : Refuse(Reason::kRequestIdReused,
                      "the import was begun with another on_conflict; use "
                      "that, or another import_id");
}

absl::Status CheckNext(const ImportProgress& stored, int64_t sequence) {
  if (stored.complete) {
    return OutOfOrder("the import has ended; use another import_id");
  }
  return sequence == stored.last_sequence + 1
             ? absl::OkStatus()
             : OutOfOrder(absl::StrCat("chunk ", sequence,
                                       " is not the next one; go on with ",
                                       stored.last_sequence + 1));
}

absl::Status CheckEnd(const ImportProgress& stored, int64_t last_sequence) {
  return last_sequence == stored.last_sequence
             ? absl::OkStatus()
             : OutOfOrder(absl::StrCat(
                   "the import ends with chunk ", last_sequence, ", but ",
                   stored.last_sequence, " were committed"));
}

ImportProgress Advance(
    ImportProgress stored, const ImportChunk& chunk,
    absl::Span<const absl::StatusOr<ImportOutcome>> outcomes) {
  stored.last_sequence = chunk.sequence;
  stored.failed += chunk.unreadable;
  for (const auto& outcome : outcomes) {
    if (!outcome.ok()) {
      ++stored.failed;
    } else if (*outcome == ImportOutcome::kCreated) {
      ++stored.created;
    } else if (*outcome == ImportOutcome::kUpdated) {
      ++stored.updated;
    } else {
      ++stored.skipped;
    }
  }
  return stored;
}

AuditEvent ChunkEvent(const ImportChunk& chunk, const ImportProgress& before,
                      const ImportProgress& after, const Change& change) {
  AuditEvent event;
  event.event_id = NewEventId(change.at);
  event.tenant_id = chunk.key.tenant_id;
  event.kind = kDevicesImported;
  event.at = change.at;
  event.actor = change.actor;
  event.request_id = change.request_id;
  event.payload =
      absl::StrCat("{\"import_id\":\"", chunk.key.import_id,
                   "\",\"sequence\":", chunk.sequence, ",\"sha256\":\"",
                   absl::BytesToHexString(chunk.sha256),
                   "\",\"created\":", after.created - before.created,
                   ",\"updated\":", after.updated - before.updated,
                   ",\"skipped\":", after.skipped - before.skipped,
                   ",\"failed\":", after.failed - before.failed, "}");
  return event;
}

}  // namespace masa::storage
