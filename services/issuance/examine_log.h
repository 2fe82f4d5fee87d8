// Looks at a share of one audit log, entry after entry: events against their
// entries, entries against tiles, the tree against signed checkpoints. Not
// thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_EXAMINE_LOG_H_
#define SERVICES_ISSUANCE_EXAMINE_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "services/observe/request_context.h"
#include "services/transparency/log_verifier.h"
#include "storage/audit_log.h"

namespace masa::issuance {

// Which log, and the checkpoint up to which it is looked at.
struct ExaminedLog {
  std::string tenant_id;
  uint64_t size = 0;
  std::string note;
};

// What does not fit, in the entries that were looked at.
struct LogFaults {
  int64_t count = 0;
  std::string first;     // names event and place
  bool is_over = false;  // nothing behind it can be looked at
};

class LogExamination {
 public:
  // All outlive this. It goes on behind the entries that `verifier` has.
  LogExamination(const RequestContext& context, storage::AuditLog& log,
                 const ExaminedLog& examined,
                 transparency::LogVerifier& verifier)
      : context_(context),
        log_(log),
        examined_(examined),
        verifier_(verifier) {}

  // The next 8,192 entries at most; what does not fit is in faults().
  // kStoreUnavailable and its like from the store.
  absl::Status Run();

  const LogFaults& faults() const { return faults_; }

 private:
  void Note(const absl::Status& status);
  // The next one to look at, from a log of `size` entries on.
  absl::Status FindCheckpoint(uint64_t size);
  absl::Status CheckBundle();
  absl::Status CheckEntry(const storage::LoggedEvent& logged);
  // The tile that proofs of these entries are made from.
  absl::Status CheckTile(uint64_t first, const std::string& entries);

  const RequestContext& context_;
  storage::AuditLog& log_;
  const ExaminedLog& examined_;
  transparency::LogVerifier& verifier_;
  std::optional<storage::LogCheckpoint> checkpoint_;
  LogFaults faults_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_EXAMINE_LOG_H_
