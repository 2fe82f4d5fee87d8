#include "services/issuance/verify_logs.h"

#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/mirror_log.h"
#include "services/merkle/tiles.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"

namespace masa::issuance {
namespace {

std::string LogOf(const std::string& tenant_id) {
  return absl::StrCat("the audit log of ",
                      tenant_id.empty() ? "the catalog" : tenant_id);
}

// Whether the log that is outside, under the checkpoint `outside`, begins with
// the one under `inside`.
absl::Status CheckOutsideContinues(AuditMirror& mirror,
                                   const std::string& tenant_id,
                                   const wire::Checkpoint& inside,
                                   const wire::Checkpoint& outside) {
  if (inside.size == 0) {
    return absl::OkStatus();
  }
  absl::Status unread;
  const merkle::ReadTile read =
      [&](const merkle::TileKey& key) -> std::optional<std::string> {
    auto tile = ReadMirroredTile(mirror, outside.origin, key, outside.size);
    unread.Update(tile.status());
    return tile.ok() ? *std::move(tile) : std::nullopt;
  };
  const auto proof =
      merkle::ConsistencyFromTiles(inside.size, outside.size, read);
  MASA_RETURN_IF_ERROR(unread);
  if (!proof) {
    return Refuse(
        Reason::kMisconfigured,
        absl::StrCat(LogOf(tenant_id), " lacks tiles outside the database"));
  }
  return merkle::VerifyConsistency(inside.size, inside.root, outside.size,
                                   outside.root, *proof)
             ? absl::OkStatus()
             : Refuse(Reason::kMisconfigured,
                      absl::StrCat(LogOf(tenant_id),
                                   " is another one than that outside the "
                                   "database: its ",
                                   inside.size, " entries do not begin the ",
                                   outside.size, " there"));
}

}  // namespace

RequestContext VerifyLogs::Context() const {
  RequestContext context;
  context.request_id = "verify";
  context.deadline = needs_.clock.Now() + absl::Minutes(1);
  return context;
}

absl::StatusOr<transparency::NoteKey> VerifyLogs::KeyOf(
    const std::string& tenant_id) const {
  return transparency::NoteKeyOf(
      transparency::OriginOf(terms_.origin, tenant_id), terms_.certificate_der);
}

absl::Status VerifyLogs::Examine(const ExaminedLog& examined,
                                 const transparency::NoteKey& key) {
  transparency::LogVerifier verifier(key);
  LogFaults faults;
  while (verifier.size() < examined.size && !faults.is_over) {
    const RequestContext context = Context();
    LogExamination examination(context, needs_.log, examined, verifier);
    MASA_RETURN_IF_ERROR(examination.Run());
    const LogFaults& found = examination.faults();
    faults.first = faults.count == 0 ? found.first : faults.first;
    faults.count += found.count;
    faults.is_over = found.is_over;
  }
  return faults.count == 0
             ? absl::OkStatus()
             : Refuse(Reason::kSignatureInvalid,
                      absl::StrCat(LogOf(examined.tenant_id),
                                   " does not hold: ", faults.first,
                                   faults.count == 1 ? "" : ", and more"));
}

absl::StatusOr<wire::Checkpoint> VerifyLogs::VerifyWhole(
    const std::string& tenant_id, const transparency::NoteKey& key) {
  const RequestContext context = Context();
  MASA_ASSIGN_OR_RETURN(
      const auto newest,
      needs_.log.ListCheckpoints(context, tenant_id,
                                 std::numeric_limits<uint64_t>::max(), 1));
  if (newest.empty()) {
    MASA_ASSIGN_OR_RETURN(const storage::LogHead head,
                          needs_.log.ReadHead(context, tenant_id));
    return head.size == 0
               ? absl::StatusOr<wire::Checkpoint>(
                     wire::Checkpoint{key.name, 0, ""})
               : Refuse(Reason::kSignatureInvalid,
                        absl::StrCat(LogOf(tenant_id), " has ", head.size,
                                     " entries and no checkpoint"));
  }
  MASA_RETURN_IF_ERROR(
      Examine({tenant_id, newest.front().size, newest.front().note}, key));
  return transparency::OpenCheckpoint(newest.front().note, key);
}

absl::StatusOr<LogVerdict> VerifyLogs::Verify(const std::string& tenant_id) {
  MASA_ASSIGN_OR_RETURN(const transparency::NoteKey key, KeyOf(tenant_id));
  MASA_ASSIGN_OR_RETURN(const wire::Checkpoint inside,
                        VerifyWhole(tenant_id, key));
  if (needs_.mirror != nullptr) {
    MASA_RETURN_IF_ERROR(
        CheckMirror(Context(), needs_.log, *needs_.mirror, tenant_id, key)
            .status());
  }
  return LogVerdict{inside.size, 0};
}

absl::StatusOr<LogVerdict> VerifyLogs::VerifyCopy(
    const std::string& tenant_id) {
  if (needs_.mirror == nullptr) {
    return Refuse(Reason::kMisconfigured,
                  "authority.audit.mirror_folder is needed: a copy is held "
                  "against what is outside the database");
  }
  MASA_ASSIGN_OR_RETURN(const transparency::NoteKey key, KeyOf(tenant_id));
  MASA_ASSIGN_OR_RETURN(const wire::Checkpoint inside,
                        VerifyWhole(tenant_id, key));
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> note,
                        needs_.mirror->Read(key.name, kCheckpointFile));
  wire::Checkpoint outside = {key.name, 0, ""};
  if (note) {
    MASA_ASSIGN_OR_RETURN(outside, transparency::OpenCheckpoint(*note, key));
  }
  if (outside.size <= inside.size) {
    MASA_RETURN_IF_ERROR(
        CheckMirror(Context(), needs_.log, *needs_.mirror, tenant_id, key)
            .status());
    return LogVerdict{inside.size, 0};
  }
  MASA_RETURN_IF_ERROR(
      CheckOutsideContinues(*needs_.mirror, tenant_id, inside, outside));
  return LogVerdict{inside.size, outside.size - inside.size};
}

absl::Status CheckCopyIsOf(const RequestContext& context,
                           storage::AuditLog& service_log,
                           const std::string& tenant_id, absl::Time at,
                           uint64_t size) {
  MASA_ASSIGN_OR_RETURN(
      const std::optional<storage::LogCheckpoint> next,
      service_log.CheckpointFrom(context, tenant_id, size + 1));
  return !next || next->at >= at
             ? absl::OkStatus()
             : Refuse(Reason::kMisconfigured,
                      absl::StrCat(
                          "the copy is too old: ", LogOf(tenant_id), " has ",
                          size, " entries in it and ", next->size, " since ",
                          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", next->at,
                                           absl::UTCTimeZone())));
}

}  // namespace masa::issuance
