// What a write of the catalog finds and changes of policies: for its terms, and
// for its audit event. Pure.
#ifndef STORAGE_CATALOG_CHANGES_H_
#define STORAGE_CATALOG_CHANGES_H_

#include "absl/status/status.h"
#include "proto/masa/v1/policy.pb.h"
#include "storage/audit_event.h"

namespace masa::storage {

// Adds to the payload of the event of writing `after` each tenant, product and
// customer of it, as it is then and as it was: `before` has those that were
// there, in any order, and maybe others. Of a customer only what it may, and
// how many passwords it has: events stay for ever, and names of persons are in
// the rest.
void AddBeforeAndAfter(const masa::v1::Catalog& before,
                       const masa::v1::Catalog& after, AuditEvent* event);

// kStoreConflict when a tenant, product or customer of `read` is another in
// `before`, or not there.
absl::Status CheckIsAsRead(const masa::v1::Catalog& before,
                           const masa::v1::Catalog& read);

}  // namespace masa::storage

#endif  // STORAGE_CATALOG_CHANGES_H_
