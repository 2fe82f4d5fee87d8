// Each RPC that changes something, once at least, with the event that it
// leaves.
#ifndef SERVICES_AUTHORITY_API_CHANGES_H_
#define SERVICES_AUTHORITY_API_CHANGES_H_

namespace masa::authority {

// One call, in the order of the table.
struct ChangeRow {
  const char* method;
  const char* who;        // test_api.h
  const char* request;    // text format; $CERT is a certificate, $ID what the
                          // row before kept
  const char* kind;       // of the event
  const char* keeps;      // a field of the answer, as transfer.transfer_id
  bool replaces = false;  // the event says as well what was there before
};

inline constexpr ChangeRow kChanges[] = {
    {"DeviceService/CreateDevice", "operator",
     "device { serial_number: 'E-1' product_id: 'owned' organization_id: "
     "'org-acme' }",
     "device-created", ""},
    {"DeviceService/BatchCreateDevices", "operator",
     "devices { serial_number: 'E-2' product_id: 'owned' sales_order: 'SO-2' } "
     "devices { serial_number: 'E-3' product_id: 'owned' }",
     "device-created", ""},
    {"DeviceService/UpdateDevice", "operator",
     "device { serial_number: 'E-1' } update { model: 'M' } "
     "update_mask { paths: 'model' }",
     "device-updated", "", true},
    {"DeviceService/SetDeviceState", "operator",
     "device { serial_number: 'E-3' } state: DEVICE_STATE_ALLOCATED",
     "device-state-set", "", true},
    {"DeviceService/DeleteDevice", "operator",
     "device { serial_number: 'E-3' }", "device-deleted", "", true},
    {"DeviceService/UndeleteDevice", "operator",
     "device { serial_number: 'E-3' }", "device-undeleted", "", true},
    {"DeviceService/AssignDevices", "operator",
     "devices { serial_number: 'E-3' } organization_id: 'org-other'",
     "device-assigned", "", true},
    {"DeviceService/BlockDevices", "operator",
     "devices { serial_number: 'E-3' }", "device-state-set", "", true},
    {"VoucherService/IssueVoucher", "operator",
     "device { serial_number: 'E-1' } pinned_cert_der: '$CERT' "
     "expires_on { seconds: 1790003600 } format: FORMAT_CMS_JSON",
     "voucher-issued", ""},
    {"VoucherService/IssueVouchers", "operator",
     "requests { device { serial_number: 'E-1' } pinned_cert_der: '$CERT' "
     "expires_on { seconds: 1790003601 } format: FORMAT_CMS_JSON }",
     "voucher-issued", ""},
    {"VoucherJobService/StartVoucherJob", "acme",
     "organization_id: 'org-acme' cert_id: 'cert-org-acme' "
     "expires_on { seconds: 1790003600 } format: FORMAT_CMS_JSON",
     "voucher-job-started", "job.job_id"},
    {"VoucherJobService/CancelVoucherJob", "acme", "job_id: '$ID'",
     "voucher-job-cancelled", ""},
    {"AuditService/StartVerification", "operator", "",
     "audit-verification-started", ""},
    {"PolicyService/UpdateProduct", "operator",
     "product { product_id: 'new' formats: FORMAT_CMS_JSON signing_key: 'key' "
     "ownership: OWNERSHIP_RULE_REQUIRED }",
     "catalog-applied", ""},
    {"PolicyService/BlockDomain", "operator",
     "spki_sha256: '01234567890123456789012345678901' note: 'stolen'",
     "catalog-applied", ""},
    {"PolicyService/SetRegistrarAuthentication", "operator",
     "organization_id: 'org-other' registrar_authentication: "
     "REGISTRAR_AUTHENTICATION_TLS",
     "catalog-applied", "", true},
    {"PolicyService/SetEndlessVouchers", "operator",
     "organization_id: 'org-other' allowed: true", "catalog-applied", "", true},
    {"OrganizationService/CreateOrganization", "operator",
     "organization_id: 'org-new' display_name: 'New'", "organization-created",
     ""},
    {"OrganizationService/UpdateOrganization", "operator",
     "organization_id: 'org-new' display_name: 'Newer'", "organization-updated",
     ""},
    {"OrganizationService/DeleteOrganization", "operator",
     "organization_id: 'org-new'", "organization-deleted", ""},
    {"GroupService/AddDelegation", "acme",
     "delegation { group_id: 'org-acme' organization_id: 'org-other' }",
     "delegation-added", ""},
    {"GroupService/RemoveDelegation", "acme",
     "delegation { group_id: 'org-acme' organization_id: 'org-other' }",
     "delegation-removed", ""},
    {"GroupService/SetOnboarding", "acme",
     "onboarding { group_id: 'org-acme' registrar_url: 'https://r.example' }",
     "onboarding-set", ""},
    {"GroupService/ClearOnboarding", "acme", "group_id: 'org-acme'",
     "onboarding-cleared", "", true},
    {"GroupService/CreateGroup", "acme",
     "parent_id: 'org-acme' description: 'North'", "group-created",
     "group.group_id"},
    {"GroupService/UpdateGroup", "acme",
     "group_id: '$ID' description: 'Far north'", "group-updated",
     "group.group_id", true},
    {"GroupService/MoveGroup", "acme", "group_id: '$ID' parent_id: 'org-acme'",
     "group-moved", "group.group_id", true},
    {"GroupService/PlaceDevices", "acme",
     "devices { serial_number: 'E-1' } group_id: '$ID'", "device-placed", "",
     true},
    {"GroupService/PlaceDevices", "acme",
     "devices { serial_number: 'E-1' } group_id: 'org-acme'", "device-placed",
     "", true},
    {"GroupService/DeleteGroup", "acme", "group_id: '$ID'", "group-deleted", "",
     true},
    {"AccessService/CreateAccessBinding", "acme",
     "access_binding { group_id: 'org-acme' username: 'u' "
     "account_organization_id: 'org-acme' account_type: ACCOUNT_TYPE_USER "
     "role: GROUP_ROLE_ASSIGNER }",
     "role-given", ""},
    {"AccessService/ListAccessBindings", "operator",
     "organization_id: 'org-acme'", "personal-data-read", ""},
    {"AccessService/DeleteAccessBinding", "acme",
     "access_binding { group_id: 'org-acme' username: 'u' "
     "account_organization_id: 'org-acme' account_type: ACCOUNT_TYPE_USER }",
     "role-taken", "", true},
    {"DomainCertService/CreateDomainCert", "acme",
     "group_id: 'org-acme' certificate_der: '$CERT' "
     "expiry_time { seconds: 1790086400 }",
     "domain-cert-created", "domain_cert.cert_id"},
    {"DomainCertService/RotateDomainCert", "acme",
     "cert_id: '$ID' certificate_der: '$CERT' "
     "expiry_time { seconds: 1790096400 }",
     "domain-cert-rotated", "domain_cert.cert_id", true},
    {"DomainCertService/DeleteDomainCert", "acme", "cert_id: '$ID'",
     "domain-cert-deleted", "", true},
    {"TransferService/ClaimDevices", "acme",
     "claims { device { serial_number: 'E-2' } sales_order: 'SO-2' }",
     "device-claimed", ""},
    {"TransferService/OfferTransfer", "acme",
     "devices { serial_number: 'E-2' } to_organization_id: 'org-other'",
     "transfer-offered", "transfer.transfer_id"},
    {"TransferService/RejectTransfer", "other", "transfer_id: '$ID'",
     "transfer-rejected", ""},
    {"TransferService/OfferTransfer", "acme",
     "devices { serial_number: 'E-2' } to_organization_id: 'org-other'",
     "transfer-offered", "transfer.transfer_id"},
    {"TransferService/CancelTransfer", "acme", "transfer_id: '$ID'",
     "transfer-cancelled", ""},
    {"TransferService/OfferTransfer", "acme",
     "devices { serial_number: 'E-2' } to_organization_id: 'org-other'",
     "transfer-offered", "transfer.transfer_id"},
    {"TransferService/AcceptTransfer", "other", "transfer_id: '$ID'",
     "transfer-accepted", ""},
    {"TransferService/ReleaseDevices", "other",
     "devices { serial_number: 'E-2' }", "device-released", ""},
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_API_CHANGES_H_
