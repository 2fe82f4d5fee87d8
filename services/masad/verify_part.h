// `masad verify-audit` and `masad verify-backup`: what a timer runs beside the
// service. Each does one run against PostgreSQL, changes nothing but the record
// of how it ended, and asks no signer: it believes the certificate that
// authority.audit.certificate_file names.
#ifndef SERVICES_MASAD_VERIFY_PART_H_
#define SERVICES_MASAD_VERIFY_PART_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/masad/files.h"

namespace masa::masad {

// Every log of the service's database, whole, and against the mirror where
// there is one; a sentence that says what holds. kSignatureInvalid or
// kMisconfigured, naming the log and what does not fit; kStoreUnavailable.
absl::StatusOr<std::string> VerifyAudit(const Setup& setup);

// The database of storage.backup_url, restored from a backup or a replica: its
// logs hold and begin those of the mirror, it lacks nothing of before
// storage.backup_longest_age_hours ago, and its tables are of one moment. As
// above; the record of the run is the service's database's.
absl::StatusOr<std::string> VerifyBackup(const Setup& setup);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_VERIFY_PART_H_
