// Holds whole audit logs against what was signed of them: each event against
// its entry, entries against tiles, the tree against its checkpoints, and the
// database against what is kept outside of it. Asks no signer and changes
// nothing: for `masad verify-audit` and `masad verify-backup`.
#ifndef SERVICES_ISSUANCE_VERIFY_LOGS_H_
#define SERVICES_ISSUANCE_VERIFY_LOGS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/audit_mirror.h"
#include "services/issuance/examine_log.h"
#include "services/observe/clock.h"
#include "services/transparency/signed_note.h"
#include "storage/audit_log.h"

namespace masa::issuance {

// What was found to hold.
struct LogVerdict {
  uint64_t size = 0;    // entries of the log, under its newest checkpoint
  uint64_t behind = 0;  // entries that are kept outside and not in it
};

// One thread at a time; blocks.
class VerifyLogs {
 public:
  // The database whose logs are verified, and what is kept outside of it; none:
  // nothing is.
  struct Needs {
    storage::AuditLog& log;
    AuditMirror* mirror;
    const Clock& clock;
  };
  // Of the checkpoints: what the logs are called (transparency::OriginOf), and
  // the certificate of the key that signs them.
  struct Terms {
    std::string origin;
    std::string certificate_der;
  };

  // All outlive this.
  VerifyLogs(const Needs& needs, Terms terms)
      : needs_(needs), terms_(std::move(terms)) {}

  // The tenant's log as the service has it: nothing that is outside may be
  // missing. kSignatureInvalid, naming the first event that does not fit, or
  // kMisconfigured where the log is shorter than, or another one than, the one
  // outside; kStoreUnavailable and its like from the store.
  absl::StatusOr<LogVerdict> Verify(const std::string& tenant_id);

  // The same of a copy, which may lack what came after it was made: it begins
  // the log that is outside. kMisconfigured where there is no mirror.
  absl::StatusOr<LogVerdict> VerifyCopy(const std::string& tenant_id);

 private:
  RequestContext Context() const;
  absl::StatusOr<transparency::NoteKey> KeyOf(
      const std::string& tenant_id) const;
  // The newest checkpoint in the database, when the log up to it holds. Of an
  // empty log an empty one.
  absl::StatusOr<wire::Checkpoint> VerifyWhole(
      const std::string& tenant_id, const transparency::NoteKey& key);
  absl::Status Examine(const ExaminedLog& examined,
                       const transparency::NoteKey& key);

  const Needs needs_;
  const Terms terms_;
};

// OK when a copy whose log has `size` entries lacks nothing that the service's
// log had under a checkpoint of before `at`; kMisconfigured, with numbers, when
// it does.
absl::Status CheckCopyIsOf(const RequestContext& context,
                           storage::AuditLog& service_log,
                           const std::string& tenant_id, absl::Time at,
                           uint64_t size);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VERIFY_LOGS_H_
