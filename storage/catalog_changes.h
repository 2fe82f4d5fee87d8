// What a write of the catalog changed of policies, for its audit event. Pure.
#ifndef STORAGE_CATALOG_CHANGES_H_
#define STORAGE_CATALOG_CHANGES_H_

#include "proto/masa/v1/policy.pb.h"
#include "storage/audit_event.h"

namespace masa::storage {

// Adds to the payload of the event of writing `after` each tenant and product
// of it, as it is then and as it was: `before` has those that were there, in
// any order, and maybe others. What customers have in the catalog, names of
// persons among it, is named by its id alone: events stay for ever.
void AddBeforeAndAfter(const masa::v1::Catalog& before,
                       const masa::v1::Catalog& after, AuditEvent* event);

}  // namespace masa::storage

#endif  // STORAGE_CATALOG_CHANGES_H_
