#include "services/status/reason.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace masa {
namespace {

using absl::StatusCode;

constexpr absl::string_view kPayloadUrl = "masa.v1/reason";
constexpr absl::string_view kWaitUrl = "masa.v1/wait";

constexpr ReasonInfo kTable[] = {
    {Reason::kInternal, "INTERNAL", 500, StatusCode::kInternal},
    {Reason::kMalformed, "MALFORMED", 400, StatusCode::kInvalidArgument},
    {Reason::kBodyTooLarge, "BODY_TOO_LARGE", 413,
     StatusCode::kInvalidArgument},
    {Reason::kMediaTypeUnknown, "MEDIA_TYPE_UNKNOWN", 415,
     StatusCode::kInvalidArgument},
    {Reason::kFormatNotForDevice, "FORMAT_NOT_FOR_DEVICE", 406,
     StatusCode::kFailedPrecondition},
    {Reason::kInvalidArgument, "INVALID_ARGUMENT", 400,
     StatusCode::kInvalidArgument},
    {Reason::kPageTokenInvalid, "PAGE_TOKEN_INVALID", 400,
     StatusCode::kInvalidArgument},
    {Reason::kResumeTokenExpired, "RESUME_TOKEN_EXPIRED", 410,
     StatusCode::kFailedPrecondition},
    {Reason::kTooManyItems, "TOO_MANY_ITEMS", 400,
     StatusCode::kInvalidArgument},
    {Reason::kNotSigned, "NOT_SIGNED", 403, StatusCode::kPermissionDenied},
    {Reason::kSignatureInvalid, "SIGNATURE_INVALID", 403,
     StatusCode::kPermissionDenied},
    {Reason::kChainInvalid, "CHAIN_INVALID", 403,
     StatusCode::kPermissionDenied},
    {Reason::kCertificateExpired, "CERTIFICATE_EXPIRED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kRegistrarNotAuthorized, "REGISTRAR_NOT_AUTHORIZED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kRegistrarUnknown, "REGISTRAR_UNKNOWN", 403,
     StatusCode::kPermissionDenied},
    {Reason::kRegistrarRevoked, "REGISTRAR_REVOKED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kRevocationUnknown, "REVOCATION_UNKNOWN", 403,
     StatusCode::kPermissionDenied},
    {Reason::kAuthenticationRequired, "AUTHENTICATION_REQUIRED", 401,
     StatusCode::kUnauthenticated},
    {Reason::kPriorSignedInvalid, "PRIOR_SIGNED_INVALID", 403,
     StatusCode::kPermissionDenied},
    {Reason::kPriorSignedRequired, "PRIOR_SIGNED_REQUIRED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kSerialMismatch, "SERIAL_MISMATCH", 403,
     StatusCode::kPermissionDenied},
    {Reason::kIssuerMismatch, "ISSUER_MISMATCH", 403,
     StatusCode::kPermissionDenied},
    {Reason::kNonceMismatch, "NONCE_MISMATCH", 403,
     StatusCode::kPermissionDenied},
    {Reason::kNonceRequired, "NONCE_REQUIRED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kProximityMismatch, "PROXIMITY_MISMATCH", 403,
     StatusCode::kPermissionDenied},
    {Reason::kStale, "STALE", 403, StatusCode::kPermissionDenied},
    {Reason::kDeviceUnknown, "DEVICE_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kDeviceAmbiguous, "DEVICE_AMBIGUOUS", 403,
     StatusCode::kFailedPrecondition},
    {Reason::kDeviceExists, "DEVICE_EXISTS", 409, StatusCode::kAlreadyExists},
    {Reason::kStateNotAllowed, "STATE_NOT_ALLOWED", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kImportUnknown, "IMPORT_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kImportOutOfOrder, "IMPORT_OUT_OF_ORDER", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kDeviceBlocked, "DEVICE_BLOCKED", 403,
     StatusCode::kFailedPrecondition},
    {Reason::kDeviceInTransfer, "DEVICE_IN_TRANSFER", 403,
     StatusCode::kFailedPrecondition},
    {Reason::kDomainBlocked, "DOMAIN_BLOCKED", 403,
     StatusCode::kFailedPrecondition},
    {Reason::kDeviceNotOwned, "DEVICE_NOT_OWNED", 403,
     StatusCode::kFailedPrecondition},
    {Reason::kOwnerMismatch, "OWNER_MISMATCH", 403,
     StatusCode::kPermissionDenied},
    {Reason::kOrganizationUnknown, "ORGANIZATION_UNKNOWN", 404,
     StatusCode::kNotFound},
    {Reason::kProductUnknown, "PRODUCT_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kTenantUnknown, "TENANT_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kOrganizationExists, "ORGANIZATION_EXISTS", 409,
     StatusCode::kAlreadyExists},
    {Reason::kOrganizationNotDelegated, "ORGANIZATION_NOT_DELEGATED", 403,
     StatusCode::kFailedPrecondition},
    {Reason::kGroupNotFound, "GROUP_NOT_FOUND", 404, StatusCode::kNotFound},
    {Reason::kGroupExists, "GROUP_EXISTS", 409, StatusCode::kAlreadyExists},
    {Reason::kGroupNotEmpty, "GROUP_NOT_EMPTY", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kGroupTooLarge, "GROUP_TOO_LARGE", 413,
     StatusCode::kResourceExhausted},
    {Reason::kDeviceInGroup, "DEVICE_IN_GROUP", 409,
     StatusCode::kAlreadyExists},
    {Reason::kDeviceNotInGroup, "DEVICE_NOT_IN_GROUP", 404,
     StatusCode::kNotFound},
    {Reason::kUserUnknown, "USER_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kUserExists, "USER_EXISTS", 409, StatusCode::kAlreadyExists},
    {Reason::kDelegationUnknown, "DELEGATION_UNKNOWN", 404,
     StatusCode::kNotFound},
    {Reason::kDelegationExists, "DELEGATION_EXISTS", 409,
     StatusCode::kAlreadyExists},
    {Reason::kDelegationInUse, "DELEGATION_IN_USE", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kIenNotServed, "IEN_NOT_SERVED", 400,
     StatusCode::kInvalidArgument},
    {Reason::kPathUnknown, "PATH_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kAuditLogUnknown, "AUDIT_LOG_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kOnboardingUnknown, "ONBOARDING_UNKNOWN", 404,
     StatusCode::kNotFound},
    {Reason::kCertNotFound, "CERT_NOT_FOUND", 404, StatusCode::kNotFound},
    {Reason::kCertExists, "CERT_EXISTS", 409, StatusCode::kAlreadyExists},
    {Reason::kCertOrgMismatch, "CERT_ORG_MISMATCH", 400,
     StatusCode::kInvalidArgument},
    {Reason::kCertMalformed, "CERT_MALFORMED", 400,
     StatusCode::kInvalidArgument},
    {Reason::kCertExpired, "CERT_EXPIRED", 400, StatusCode::kInvalidArgument},
    {Reason::kLifetimeInPast, "LIFETIME_IN_PAST", 400,
     StatusCode::kInvalidArgument},
    {Reason::kLifetimeExceedsCert, "LIFETIME_EXCEEDS_CERT", 400,
     StatusCode::kInvalidArgument},
    {Reason::kLifetimeNotAllowed, "LIFETIME_NOT_ALLOWED", 400,
     StatusCode::kInvalidArgument},
    {Reason::kRequestIdReused, "REQUEST_ID_REUSED", 409,
     StatusCode::kAlreadyExists},
    {Reason::kEtagMismatch, "ETAG_MISMATCH", 409, StatusCode::kAborted},
    {Reason::kApprovalPending, "APPROVAL_PENDING", 202,
     StatusCode::kFailedPrecondition},
    {Reason::kApprovalDeclined, "APPROVAL_DECLINED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kClaimUnknown, "CLAIM_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kClaimDecided, "CLAIM_DECIDED", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kTransferUnknown, "TRANSFER_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kTransferEnded, "TRANSFER_ENDED", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kUnauthenticated, "UNAUTHENTICATED", 401,
     StatusCode::kUnauthenticated},
    {Reason::kPermissionDenied, "PERMISSION_DENIED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kKeyUnknown, "KEY_UNKNOWN", 500, StatusCode::kNotFound},
    {Reason::kKeyNotForThis, "KEY_NOT_FOR_THIS", 500,
     StatusCode::kFailedPrecondition},
    {Reason::kOverloaded, "OVERLOADED", 503, StatusCode::kResourceExhausted},
    {Reason::kRateLimited, "RATE_LIMITED", 429, StatusCode::kResourceExhausted},
    {Reason::kQuotaExceeded, "QUOTA_EXCEEDED", 503,
     StatusCode::kResourceExhausted},
    {Reason::kDeadlineExceeded, "DEADLINE_EXCEEDED", 503,
     StatusCode::kDeadlineExceeded},
    {Reason::kDraining, "DRAINING", 503, StatusCode::kUnavailable},
    {Reason::kSignerUnavailable, "SIGNER_UNAVAILABLE", 503,
     StatusCode::kUnavailable},
    {Reason::kStoreUnavailable, "STORE_UNAVAILABLE", 503,
     StatusCode::kUnavailable},
    {Reason::kStoreConflict, "STORE_CONFLICT", 503, StatusCode::kAborted},
    {Reason::kMisconfigured, "MISCONFIGURED", 500,
     StatusCode::kFailedPrecondition},
    {Reason::kJobUnknown, "JOB_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kJobNotEnded, "JOB_NOT_ENDED", 409,
     StatusCode::kFailedPrecondition},
    {Reason::kJobEnded, "JOB_ENDED", 409, StatusCode::kFailedPrecondition},
    {Reason::kJobResultGone, "JOB_RESULT_GONE", 410,
     StatusCode::kFailedPrecondition},
    {Reason::kProfileUnknown, "PROFILE_UNKNOWN", 404, StatusCode::kNotFound},
    {Reason::kPossessionNotProven, "POSSESSION_NOT_PROVEN", 400,
     StatusCode::kInvalidArgument},
    {Reason::kSubjectNotAllowed, "SUBJECT_NOT_ALLOWED", 400,
     StatusCode::kInvalidArgument},
    {Reason::kSubjectKeyNotAllowed, "SUBJECT_KEY_NOT_ALLOWED", 400,
     StatusCode::kInvalidArgument},
    {Reason::kEnrollerNotAllowed, "ENROLLER_NOT_ALLOWED", 403,
     StatusCode::kPermissionDenied},
    {Reason::kCertRevoked, "CERT_REVOKED", 403, StatusCode::kPermissionDenied},
    {Reason::kNotOffered, "NOT_OFFERED", 501, StatusCode::kUnimplemented},
};

constexpr int kRows = sizeof(kTable) / sizeof(kTable[0]);
static_assert(kRows == static_cast<int>(Reason::kNotOffered) + 1,
              "every reason has one row, in the order of the enum");

}  // namespace

const ReasonInfo& InfoOf(Reason reason) {
  return kTable[static_cast<int>(reason)];
}

const ReasonInfo* AllReasons(int* count) {
  *count = kRows;
  return kTable;
}

absl::Status Refuse(Reason reason, absl::string_view message) {
  const ReasonInfo& info = InfoOf(reason);
  absl::Status status(info.code, message);
  status.SetPayload(kPayloadUrl, absl::Cord(info.name));
  return status;
}

absl::Status RefuseFor(absl::Duration wait, Reason reason,
                       absl::string_view message) {
  absl::Status status = Refuse(reason, message);
  const absl::Duration whole = absl::Ceil(wait, absl::Seconds(1));
  status.SetPayload(kWaitUrl,
                    absl::Cord(absl::StrCat(absl::ToInt64Seconds(whole))));
  return status;
}

std::optional<absl::Duration> WaitOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kWaitUrl);
  int64_t seconds = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &seconds)) {
    return std::nullopt;
  }
  return absl::Seconds(seconds);
}

Reason ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  return payload.has_value() ? ReasonNamed(std::string(*payload))
                             : Reason::kInternal;
}

Reason ReasonNamed(absl::string_view name) {
  for (const ReasonInfo& info : kTable) {
    if (info.name == name) {
      return info.reason;
    }
  }
  return Reason::kInternal;
}

std::string PublicMessage(const absl::Status& status) {
  if (ReasonOf(status) == Reason::kInternal) {
    return "internal error; the operator finds it in the log by the request id";
  }
  return std::string(status.message());
}

}  // namespace masa
