// What of a device's events a registrar is shown, and how a long log is
// shortened (RFC 8995 section 5.8.1). Pure.
#ifndef SERVICES_ISSUANCE_AUDIT_LOG_VIEW_H_
#define SERVICES_ISSUANCE_AUDIT_LOG_VIEW_H_

#include <cstddef>
#include <vector>

#include "proto/masa/v1/policy.pb.h"
#include "services/wire/audit_log_json.h"
#include "storage/issuance_log.h"

namespace masa::issuance {

// A log of more events than these is shortened to the newest nonced and the
// newest nonceless one of each domain (AL-16), and cut if they are still more
// (AL-17).
inline constexpr size_t kMostShown = 100;

// The log of `events`, newest first, which are all.
wire::AuditLog ViewOf(const std::vector<storage::IssuedVoucher>& events,
                      const masa::v1::Product& product);

// The log of those that stand for all; what is left out is counted.
wire::AuditLog ViewOf(const storage::IssuanceSummary& summary,
                      const masa::v1::Product& product);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_AUDIT_LOG_VIEW_H_
