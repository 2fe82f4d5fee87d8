// What operators do to a process, as events of the audit log: a row that stands
// alone, since nothing else of the database changes with it.
#ifndef SERVICES_ISSUANCE_ADMINISTRATION_NOTES_H_
#define SERVICES_ISSUANCE_ADMINISTRATION_NOTES_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/observe/clock.h"
#include "services/observe/request_context.h"
#include "storage/audit_sequence.h"

namespace masa::issuance {

// Thread-safe; blocks.
class AdministrationNotes {
 public:
  // Both outlive this.
  AdministrationNotes(storage::AuditSequence& events, const Clock& clock)
      : events_(events), clock_(clock) {}

  // Durable on return: `caller` did what `kind` says (storage/audit_kinds.h),
  // with `details` of it. The event's id, 16 octets. It is one of the caller's
  // tenant. kStoreUnavailable.
  absl::StatusOr<std::string> Write(
      const RequestContext& context, const identity::Principal& caller,
      const char* kind, const std::map<std::string, std::string>& details);

 private:
  storage::AuditSequence& events_;
  const Clock& clock_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ADMINISTRATION_NOTES_H_
