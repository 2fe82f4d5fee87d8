// The desks that show names, as the listener `authority.api` has them: what
// operators read there is noted in the audit log.
#ifndef SERVICES_MASAD_READ_PART_H_
#define SERVICES_MASAD_READ_PART_H_

#include "services/issuance/noted_reads.h"

namespace masa::masad {

// Thread-safe.
class ReadPart {
 public:
  // All outlive this.
  ReadPart(storage::AuditSequence& events, const Clock& clock,
           issuance::OperatorDesk& operators, issuance::VoucherDesk& vouchers,
           issuance::AuditDesk& audit)
      : notes_(events, clock),
        operators_(operators, notes_),
        vouchers_(vouchers, notes_),
        audit_(audit, notes_) {}

  issuance::ReadNotes& notes() { return notes_; }
  issuance::OperatorDesk& operators() { return operators_; }
  issuance::VoucherDesk& vouchers() { return vouchers_; }
  issuance::AuditDesk& audit() { return audit_; }

 private:
  issuance::ReadNotes notes_;
  issuance::NotedOperatorDesk operators_;
  issuance::NotedVoucherDesk vouchers_;
  issuance::NotedAuditDesk audit_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_READ_PART_H_
