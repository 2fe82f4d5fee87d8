// Errors of voucher jobs.
#include <iterator>

#include "services/authority/api_error_rows.h"

namespace masa::authority {
namespace {

constexpr char kNone[] = "job_id: '01900000-0000-7000-8000-000000000000'";

constexpr ErrorRow kRows[] = {
    {"VoucherJobService/StartVoucherJob", "operator", "", "INVALID_ARGUMENT",
     "pinned_cert_der"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "est_onboarding: true format: 99 expires_on { seconds: -1 } "
     "organization_id: '$LONG' group_id: '$LONG'",
     "INVALID_ARGUMENT", "organization_id group_id format expires_on"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "est_onboarding: true request_id: 'a b'", "INVALID_ARGUMENT",
     "request_id"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "est_onboarding: true filter: 'colour = red'", "INVALID_ARGUMENT",
     "filter"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "est_onboarding: true organization_id: 'org-none'", "ORGANIZATION_UNKNOWN",
     ""},
    {"VoucherJobService/StartVoucherJob", "acme",
     "est_onboarding: true organization_id: 'org-other'",
     "ORGANIZATION_UNKNOWN", ""},
    {"VoucherJobService/StartVoucherJob", "acme",
     "est_onboarding: true group_id: 'none'", "GROUP_NOT_FOUND", ""},
    {"VoucherJobService/StartVoucherJob", "nobody", "est_onboarding: true",
     "ORGANIZATION_UNKNOWN", ""},
    {"VoucherJobService/StartVoucherJob", "operator", "pinned_cert_der: 'x'",
     "CERT_MALFORMED", "pinned_cert_der"},
    {"VoucherJobService/StartVoucherJob", "acme", "cert_id: 'cert-org-other'",
     "CERT_NOT_FOUND", "cert_id"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "est_onboarding: true expires_on { seconds: 1 }", "LIFETIME_IN_PAST",
     "expires_on"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "est_onboarding: true expires_on { seconds: 2000000000 nanos: -5 }",
     "INVALID_ARGUMENT", "expires_on"},
    {"VoucherJobService/StartVoucherJob", "operator",
     "cert_id: 'cert-org-acme' expires_on { seconds: 250000000000 }",
     "LIFETIME_EXCEEDS_CERT", "expires_on"},
    {"VoucherJobService/GetVoucherJob", "operator", "", "JOB_UNKNOWN", ""},
    {"VoucherJobService/GetVoucherJob", "operator", "job_id: 'none'",
     "JOB_UNKNOWN", ""},
    {"VoucherJobService/GetVoucherJob", "operator", kNone, "JOB_UNKNOWN", ""},
    {"VoucherJobService/ListVoucherJobs", "operator", "page_size: -1",
     "INVALID_ARGUMENT", "page_size"},
    {"VoucherJobService/ListVoucherJobs", "operator", "page_token: 'x'",
     "PAGE_TOKEN_INVALID", "page_token"},
    {"VoucherJobService/CancelVoucherJob", "operator", kNone, "JOB_UNKNOWN",
     ""},
    {"VoucherJobService/CancelVoucherJob", "operator", "request_id: 'a b'",
     "INVALID_ARGUMENT", "request_id"},
    {"VoucherJobService/WaitVoucherJob", "operator", kNone, "JOB_UNKNOWN", ""},
    {"VoucherJobService/WaitVoucherJob", "operator",
     "job_id: '01900000-0000-7000-8000-000000000000' timeout { seconds: -1 }",
     "INVALID_ARGUMENT", "timeout"},
    {"VoucherJobService/ExportVouchers", "operator", kNone, "JOB_UNKNOWN", ""},
    {"VoucherJobService/ExportVouchers", "foreign", kNone, "JOB_UNKNOWN", ""},
    {"VoucherJobService/GetEscrowManifest", "operator", kNone, "JOB_UNKNOWN",
     ""},
    {"VoucherJobService/GetEscrowManifest", "acme", "job_id: 'x'",
     "JOB_UNKNOWN", ""},
};

}  // namespace

std::vector<ErrorRow> VoucherJobErrorRows() {
  return {std::begin(kRows), std::end(kRows)};
}

}  // namespace masa::authority
