// What of a device's events a registrar is shown, and how a long log is
// shortened (RFC 8995 section 5.8.1). Pure.
#ifndef SERVICES_ISSUANCE_AUDIT_LOG_VIEW_H_
#define SERVICES_ISSUANCE_AUDIT_LOG_VIEW_H_

#include <vector>

#include "proto/masa/v1/policy.pb.h"
#include "services/wire/audit_log_json.h"
#include "storage/issuance_log.h"

namespace masa::issuance {

struct AuditLogLimits {
  // More events than these are shortened to the newest nonced and the newest
  // nonceless one of each domain (AL-16), and cut if they are still more
  // (AL-17).
  size_t most_events = 100;
};

// The log of `events`, newest first. `unread` is how many older ones there are
// at least; they count as cut.
wire::AuditLog ViewOf(const std::vector<storage::IssuedVoucher>& events,
                      const masa::v1::Product& product, uint64_t unread,
                      const AuditLogLimits& limits = {});

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_AUDIT_LOG_VIEW_H_
