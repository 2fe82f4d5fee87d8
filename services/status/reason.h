// The one list of reasons for which this service says no, and the one table
// that turns a reason into an HTTP status and a gRPC code. Rooms attach a
// reason where the fault is known; only the faces read the table.
#ifndef SERVICES_STATUS_REASON_H_
#define SERVICES_STATUS_REASON_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa {

enum class Reason {
  kInternal = 0,
  // What a client sent.
  kMalformed,           // does not parse as its container (AMB-23)
  kBodyTooLarge,        // EP-43
  kMediaTypeUnknown,    // EP-35, EP-36
  kFormatNotForDevice,  // EP-34
  kInvalidArgument,
  kPageTokenInvalid,
  kResumeTokenExpired,  // what came next is not kept any more
  kTooManyItems,
  // Signatures and chains.
  kNotSigned,         // RV-01
  kSignatureInvalid,  // RV-05
  kChainInvalid,
  kCertificateExpired,      // RV-32
  kRegistrarNotAuthorized,  // no id-kp-cmcRA, RV-08
  kRegistrarUnknown,        // EP-39
  kRegistrarRevoked,        // RV-06
  kRevocationUnknown,       // RV-06
  kAuthenticationRequired,  // EP-38
  // The pledge's request.
  kPriorSignedInvalid,
  kPriorSignedRequired,
  kSerialMismatch,
  kIssuerMismatch,
  kNonceMismatch,
  kNonceRequired,
  kProximityMismatch,
  kStale,  // RV-18
  // The device and its owner.
  kDeviceUnknown,
  kDeviceAmbiguous,  // RV-13
  kDeviceExists,
  kStateNotAllowed,  // the device cannot go from its state to this one
  kImportUnknown,
  kImportOutOfOrder,  // a chunk comes twice, or one is missing
  kDeviceBlocked,
  kDeviceInTransfer,
  kDomainBlocked,
  kDeviceNotOwned,
  kOwnerMismatch,
  kOrganizationUnknown,
  kProductUnknown,
  kTenantUnknown,
  kOrganizationExists,
  kOrganizationNotDelegated,
  kGroupNotFound,
  kGroupExists,
  kGroupNotEmpty,
  kGroupTooLarge,
  kDeviceInGroup,
  kDeviceNotInGroup,
  kUserUnknown,
  kUserExists,
  kDelegationUnknown,
  kDelegationExists,
  kDelegationInUse,
  kIenNotServed,
  kPathUnknown,      // EP-04
  kAuditLogUnknown,  // EP-53
  kOnboardingUnknown,
  kCertNotFound,
  kCertExists,
  kCertOrgMismatch,
  kCertMalformed,
  kCertExpired,
  kLifetimeInPast,
  kLifetimeExceedsCert,
  kLifetimeNotAllowed,
  kRequestIdReused,
  kEtagMismatch,
  // Claims that wait for an operator's word.
  kApprovalPending,  // EP-41: no fault; ask again later
  kApprovalDeclined,
  kClaimUnknown,
  kClaimDecided,
  // A change of owner that one offers and another accepts.
  kTransferUnknown,
  kTransferEnded,
  // Who calls.
  kUnauthenticated,
  kPermissionDenied,
  // Keys.
  kKeyUnknown,
  kKeyNotForThis,  // a kind, product or lint that the key refuses
  // The service itself.
  kOverloaded,
  kRateLimited,
  kQuotaExceeded,  // of a signing key, for today (OP-13)
  kDeadlineExceeded,
  kDraining,
  kSignerUnavailable,
  kStoreUnavailable,
  kStoreConflict,
  kMisconfigured,
  // Jobs that issue vouchers.
  kJobUnknown,
  kJobNotEnded,
  kJobEnded,
  kJobResultGone,  // vouchers of it are not kept any more
  // Requests for certificates, over EST.
  kProfileUnknown,        // ES-01: no such label
  kPossessionNotProven,   // the key did not sign, or not this connection
  kSubjectNotAllowed,     // a name or serial number that is not to be had
  kSubjectKeyNotAllowed,  // weak, or of a kind that is not issued
  kEnrollerNotAllowed,    // ES-08: authenticated, but not for this
  kCertRevoked,
  kNotOffered,  // ES-02
};

// One row of the table.
struct ReasonInfo {
  Reason reason;
  absl::string_view name;  // DEVICE_UNKNOWN: metric label and ErrorInfo.reason
  int http_status;
  absl::StatusCode code;
};

// The row of `reason`. Every reason has one.
const ReasonInfo& InfoOf(Reason reason);

// All rows, for pre-creating metrics and for tests.
const ReasonInfo* AllReasons(int* count);

// A status with the table's code, `reason` attached, and `message`: one clause
// that a person can act on, never a secret.
absl::Status Refuse(Reason reason, absl::string_view message);

// The same, for a fault that is over after `wait`, in whole seconds.
absl::Status RefuseFor(absl::Duration wait, Reason reason,
                       absl::string_view message);

// How long to wait before the next try, where the refusal says so.
std::optional<absl::Duration> WaitOf(const absl::Status& status);

// The reason attached to `status`, or kInternal when none is. `status` is not
// OK.
Reason ReasonOf(const absl::Status& status);

// The reason called `name`, or kInternal.
Reason ReasonNamed(absl::string_view name);

// What may be shown outside: the message of a status with a reason; a fixed
// sentence for one without.
std::string PublicMessage(const absl::Status& status);

}  // namespace masa

#endif  // SERVICES_STATUS_REASON_H_
