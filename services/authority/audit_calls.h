// Messages of masa.v1.AuditService and the values of its desk. Pure.
#ifndef SERVICES_AUTHORITY_AUDIT_CALLS_H_
#define SERVICES_AUTHORITY_AUDIT_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/masa/v1/audit.pb.h"
#include "services/issuance/audit_desk.h"
#include "storage/issuance_log.h"

namespace masa::authority {

masa::v1::AuditLogEntry EntryOf(const storage::IssuedVoucher& voucher);
masa::v1::AuditEvent MessageOf(const issuance::ListedEvent& listed);
// Empty of root where the note is not one of ours.
masa::v1::Checkpoint MessageOf(const storage::LogCheckpoint& checkpoint);

// Refusals name the field.
absl::StatusOr<issuance::EventFilter> FilterOf(
    const masa::v1::ListAuditEventsRequest& request);
// The 16 octets of a UUID as text; kInvalidArgument at `field`.
absl::StatusOr<std::string> OctetsOfUuid(const std::string& text,
                                         const std::string& field);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_AUDIT_CALLS_H_
