// What audit events are about.
#ifndef STORAGE_AUDIT_KINDS_H_
#define STORAGE_AUDIT_KINDS_H_

namespace masa::storage {

// What happened, as the column `kind` says it.
inline constexpr char kVoucherIssued[] = "voucher-issued";
inline constexpr char kDeviceImported[] = "device-imported";
inline constexpr char kDeviceUpdated[] = "device-updated";
inline constexpr char kDeviceAssigned[] = "device-assigned";
inline constexpr char kDeviceStateSet[] = "device-state-set";
inline constexpr char kCatalogApplied[] = "catalog-applied";
inline constexpr char kRetentionRun[] = "retention-run";
inline constexpr char kClaimApproved[] = "claim-approved";
inline constexpr char kClaimDeclined[] = "claim-declined";
inline constexpr char kDeviceCreated[] = "device-created";
inline constexpr char kDeviceDeleted[] = "device-deleted";
inline constexpr char kDeviceUndeleted[] = "device-undeleted";
inline constexpr char kDevicesImported[] = "devices-imported";
inline constexpr char kDevicePlaced[] = "device-placed";
inline constexpr char kDeviceOffered[] = "device-offered";
inline constexpr char kDeviceTransferred[] = "device-transferred";
inline constexpr char kDeviceKept[] = "device-kept";
inline constexpr char kDeviceClaimed[] = "device-claimed";
inline constexpr char kClaimsRefused[] = "claims-refused";
inline constexpr char kDeviceReleased[] = "device-released";
inline constexpr char kTransferOffered[] = "transfer-offered";
inline constexpr char kTransferAccepted[] = "transfer-accepted";
inline constexpr char kTransferRejected[] = "transfer-rejected";
inline constexpr char kTransferCancelled[] = "transfer-cancelled";
inline constexpr char kTransferExpired[] = "transfer-expired";
inline constexpr char kOrganizationCreated[] = "organization-created";
inline constexpr char kOrganizationUpdated[] = "organization-updated";
inline constexpr char kOrganizationDeleted[] = "organization-deleted";
inline constexpr char kGroupCreated[] = "group-created";
inline constexpr char kGroupUpdated[] = "group-updated";
inline constexpr char kGroupMoved[] = "group-moved";
inline constexpr char kGroupDeleted[] = "group-deleted";
inline constexpr char kDelegationAdded[] = "delegation-added";
inline constexpr char kDelegationRemoved[] = "delegation-removed";
inline constexpr char kRoleGiven[] = "role-given";
inline constexpr char kRoleTaken[] = "role-taken";
inline constexpr char kDomainCertCreated[] = "domain-cert-created";
inline constexpr char kDomainCertDeleted[] = "domain-cert-deleted";
inline constexpr char kDomainCertRotated[] = "domain-cert-rotated";
inline constexpr char kKeyCreated[] = "key-created";
inline constexpr char kKeyImported[] = "key-imported";
inline constexpr char kKeyActivated[] = "key-activated";
inline constexpr char kKeyRetired[] = "key-retired";
inline constexpr char kCertificateIssued[] = "certificate-issued";
inline constexpr char kCertificateRevoked[] = "certificate-revoked";
inline constexpr char kEnrollmentTokenCreated[] = "enrollment-token-created";
inline constexpr char kKeyDestructionAsked[] = "key-destruction-asked";
inline constexpr char kKeyDestructionConfirmed[] = "key-destruction-confirmed";
inline constexpr char kKeyDestructionWithdrawn[] = "key-destruction-withdrawn";
inline constexpr char kKeyDestroyed[] = "key-destroyed";
inline constexpr char kEscrowExported[] = "escrow-exported";
inline constexpr char kPersonalDataRead[] = "personal-data-read";
inline constexpr char kAuditVerificationStarted[] =
    "audit-verification-started";
inline constexpr char kAuditVerificationCancelled[] =
    "audit-verification-cancelled";
inline constexpr char kAuditVerificationEnded[] = "audit-verification-ended";
inline constexpr char kOnboardingSet[] = "onboarding-set";
inline constexpr char kOnboardingCleared[] = "onboarding-cleared";
inline constexpr char kConfigReloaded[] = "config-reloaded";
inline constexpr char kLogLevelSet[] = "log-level-set";
inline constexpr char kProcessDrained[] = "process-drained";
inline constexpr char kProcessUndrained[] = "process-undrained";
inline constexpr char kSelfTestRun[] = "self-test-run";

}  // namespace masa::storage

#endif  // STORAGE_AUDIT_KINDS_H_
