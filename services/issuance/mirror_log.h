// Keeps a log outside the database, and notices when the database has fallen
// behind what is kept there. Thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_MIRROR_LOG_H_
#define SERVICES_ISSUANCE_MIRROR_LOG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/issuance/audit_mirror.h"
#include "services/issuance/fresh_log.h"
#include "services/observe/request_context.h"
#include "services/transparency/signed_note.h"
#include "storage/audit_log.h"

namespace masa::issuance {

// How many entries the mirror has of the log; 0: nothing. kMisconfigured when
// the log in the store is shorter, or another one.
absl::StatusOr<uint64_t> CheckMirror(const RequestContext& context,
                                     storage::AuditLog& log,
                                     AuditMirror& mirror,
                                     const std::string& tenant_id,
                                     const transparency::NoteKey& key);

// Writes what has come since `from` entries: tiles and bundles first, then the
// newest checkpoint, so that whoever reads a checkpoint finds its tiles. At
// most 64 bundles in one call; how far it has come. What `fresh` has is not
// read from the store.
absl::StatusOr<uint64_t> MirrorLog(const RequestContext& context,
                                   storage::AuditLog& log, AuditMirror& mirror,
                                   const std::string& origin,
                                   const std::string& tenant_id, uint64_t from,
                                   const FreshLog& fresh);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_MIRROR_LOG_H_
