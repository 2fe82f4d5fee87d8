// Errors of certificates.
#include <iterator>

#include "services/authority/api_error_rows.h"

namespace masa::authority {
namespace {

constexpr ErrorRow kRows[] = {
    {"CertificateService/GetCertificate", "acme", "serial: '41'",
     "PERMISSION_DENIED", ""},
    {"CertificateService/GetCertificate", "operator", "", "INVALID_ARGUMENT",
     "serial"},
    {"CertificateService/GetCertificate", "operator", "serial: '4142'",
     "CERT_NOT_FOUND", ""},
    {"CertificateService/ListCertificates", "acme", "", "PERMISSION_DENIED",
     ""},
    {"CertificateService/ListCertificates", "operator", "page_size: -1",
     "INVALID_ARGUMENT", "page_size"},
    {"CertificateService/ListCertificates", "operator", "page_token: 'x'",
     "PAGE_TOKEN_INVALID", "page_token"},
    {"CertificateService/RevokeCertificate", "operator",
     "serial: 'x' reason: 2", "INVALID_ARGUMENT", "serial reason"},
    {"CertificateService/RevokeCertificate", "operator", "serial: '4142'",
     "CERT_NOT_FOUND", ""},
    {"CertificateService/CreateEnrollmentToken", "operator", "",
     "INVALID_ARGUMENT", "profile token_sha256 subjects expire_time"},
    {"CertificateService/CreateEnrollmentToken", "operator",
     "profile: 'none' token_sha256: '0123456789abcdef0123456789abcdef' "
     "subjects: 'S' expire_time { seconds: 1 }",
     "INVALID_ARGUMENT", "expire_time"},
    {"CertificateService/CreateEnrollmentToken", "operator",
     "profile: 'none' token_sha256: '0123456789abcdef0123456789abcdef' "
     "subjects: 'S' expire_time { seconds: 1790003600 }",
     "PROFILE_UNKNOWN", ""},
};

}  // namespace

std::vector<ErrorRow> CertificateErrorRows() {
  return {std::begin(kRows), std::end(kRows)};
}

}  // namespace masa::authority
