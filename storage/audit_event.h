// One row of the audit log for a change of a device or of the catalog; the
// event of an issuance is written from the voucher itself. Pure values.
#ifndef STORAGE_AUDIT_EVENT_H_
#define STORAGE_AUDIT_EVENT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "storage/audit_kinds.h"
#include "storage/claim_store.h"
#include "storage/device.h"

namespace masa::storage {

struct AuditEvent {
  int16_t bucket = 0;     // 0 for the catalog
  std::string event_id;   // 16 octets
  std::string device_id;  // 16 octets, empty for the catalog
  std::string tenant_id;  // empty for the catalog
  std::string kind;
  absl::Time at;
  std::string actor;
  std::string request_id;
  std::string payload;  // JSON: what was written
};

// A fresh UUIDv7: 16 octets that sort by `at`, to the millisecond.
std::string NewEventId(absl::Time at);

// The event of writing `device`, of kind `kind`. Its payload says what the
// device is and, under "before", what of it was otherwise: nothing of whose it
// was and where, since its new owner sees the event; operators find that in the
// event before. `before` is null for a device that was not there.
AuditEvent DeviceEvent(const char* kind, const Device* before,
                       const Device& device, const std::string& actor,
                       absl::Time at, const std::string& request_id);

// What the event of writing `device` says of it as it stands now, its
// certificate apart: an object in JSON.
std::string DescribeWithoutCertificate(const Device& device);

// The event of an operator's word on `claim`, of kind `kind`.
AuditEvent ClaimEvent(const char* kind, const Claim& claim,
                      const std::string& actor, absl::Time at,
                      const std::string& request_id);

// The event of writing `catalog`, of which the payload names the records.
AuditEvent CatalogEvent(const masa::v1::Catalog& catalog,
                        const std::string& actor, absl::Time at,
                        const std::string& request_id);

}  // namespace masa::storage

#endif  // STORAGE_AUDIT_EVENT_H_
