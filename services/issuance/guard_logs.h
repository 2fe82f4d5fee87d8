// Notices at start that the database has lost events: that a log in it is
// shorter than, or another one than, what is kept outside. Thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_GUARD_LOGS_H_
#define SERVICES_ISSUANCE_GUARD_LOGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/issuance/audit_mirror.h"
#include "services/issuance/sequence_events.h"
#include "storage/audit_sequence.h"

namespace masa::issuance {

// A checkpoint that an operator has given up, and why.
struct AcceptedLoss {
  std::string tenant_id;
  uint64_t checkpoint_size = 0;
  std::string reason;
};

class GuardLogs {
 public:
  // All outlive this.
  GuardLogs(storage::AuditLog& log, storage::AuditSequence& sequence,
            signing::Signer& signer, AuditMirror& mirror, const Clock& clock,
            AuditTerms terms, std::vector<AcceptedLoss> accepted)
      : log_(log),
        sequence_(sequence),
        signer_(signer),
        mirror_(mirror),
        clock_(clock),
        terms_(std::move(terms)),
        accepted_(std::move(accepted)) {}

  // kMisconfigured when the log of one of the tenants, or that of the catalog,
  // does not continue what is outside; what to do stands in the refusal. A loss
  // that was accepted becomes an event instead, and what was outside is set
  // aside.
  absl::Status Check(const RequestContext& context,
                     const std::vector<std::string>& tenant_ids);

 private:
  absl::Status CheckOne(const RequestContext& context,
                        const std::string& tenant_id,
                        const std::string& certificate_der);
  // `broken` again, unless the loss was accepted.
  absl::Status Accept(const RequestContext& context,
                      const std::string& tenant_id,
                      const transparency::NoteKey& key,
                      const absl::Status& broken);

  storage::AuditLog& log_;
  storage::AuditSequence& sequence_;
  signing::Signer& signer_;
  AuditMirror& mirror_;
  const Clock& clock_;
  const AuditTerms terms_;
  const std::vector<AcceptedLoss> accepted_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GUARD_LOGS_H_
