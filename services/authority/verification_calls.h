// Messages of verifications of the log, and the same as google.longrunning
// operations. Pure.
#ifndef SERVICES_AUTHORITY_VERIFICATION_CALLS_H_
#define SERVICES_AUTHORITY_VERIFICATION_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/google/longrunning/operations.pb.h"
#include "proto/masa/v1/audit.pb.h"
#include "storage/verification_store.h"

namespace masa::authority {

// The collection of their names.
inline constexpr char kVerifications[] = "auditVerifications";

masa::v1::AuditVerification MessageOf(
    const storage::AuditVerification& verification);

// auditVerifications/UUID.
std::string VerificationNameOf(const storage::AuditVerification& verification);

google::longrunning::Operation OperationOf(
    const storage::AuditVerification& verification);

// Whether the name of an operation is one of a verification.
bool IsVerificationName(const std::string& name);

// The 16 octets in the name; kJobUnknown.
absl::StatusOr<std::string> VerificationIdOfName(const std::string& name);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VERIFICATION_CALLS_H_
