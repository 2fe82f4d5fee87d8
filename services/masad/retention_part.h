// `masad retention`: once for every tenant, by its own period. A timer runs it
// daily; it may be stopped, repeated, or run twice at once.
#ifndef SERVICES_MASAD_RETENTION_PART_H_
#define SERVICES_MASAD_RETENTION_PART_H_

#include "absl/status/status.h"
#include "services/masad/files.h"

namespace masa::masad {

// Logs what was forgotten of each tenant. kMisconfigured without
// storage.retention_url or when its login lacks the role masa_retention.
absl::Status ForgetOldRecords(const Setup& setup);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_RETENTION_PART_H_
