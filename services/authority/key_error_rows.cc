// Errors of keys.
#include <iterator>

#include "services/authority/api_error_rows.h"

namespace masa::authority {
namespace {

constexpr ErrorRow kRows[] = {
    {"KeyAdminService/ListKeys", "acme", "", "PERMISSION_DENIED", ""},
    {"KeyAdminService/CreateKeyVersion", "acme",
     "key: 'key' algorithm: KEY_ALGORITHM_ED25519", "PERMISSION_DENIED", ""},
    {"KeyAdminService/CreateKeyVersion", "operator", "", "INVALID_ARGUMENT",
     "key algorithm"},
    {"KeyAdminService/CreateKeyVersion", "operator",
     "key: 'none' algorithm: KEY_ALGORITHM_ED25519", "KEY_UNKNOWN", ""},
    {"KeyAdminService/CreateKeyVersion", "operator",
     "key: 'k' algorithm: KEY_ALGORITHM_ED25519 request_id: 'a b'",
     "INVALID_ARGUMENT", "request_id"},
    {"KeyAdminService/ImportKeyVersion", "operator", "key: '$LONG'",
     "INVALID_ARGUMENT", "key encrypted_pkcs8_pem"},
    {"KeyAdminService/ImportKeyVersion", "operator",
     "key: 'none' encrypted_pkcs8_pem: 'x'", "KEY_UNKNOWN", ""},
    {"KeyAdminService/GetCertificateRequest", "operator",
     "key: 'k' version: -1", "INVALID_ARGUMENT", "version"},
    {"KeyAdminService/GetCertificateRequest", "operator",
     "key: 'none' version: 1 subject: 'CN=a'", "KEY_UNKNOWN", ""},
    {"KeyAdminService/ActivateKeyVersion", "operator", "", "INVALID_ARGUMENT",
     "key"},
    {"KeyAdminService/ActivateKeyVersion", "operator",
     "key: 'k' version: 1 not_before { nanos: -1 }", "INVALID_ARGUMENT",
     "not_before"},
    {"KeyAdminService/ActivateKeyVersion", "operator", "key: 'k' version: 1",
     "KEY_UNKNOWN", ""},
    {"KeyAdminService/RetireKeyVersion", "operator",
     "key: 'k' at { seconds: 999999999999 }", "INVALID_ARGUMENT", "at"},
    {"KeyAdminService/RetireKeyVersion", "operator", "key: 'k' version: 1",
     "KEY_UNKNOWN", ""},
    {"KeyAdminService/DestroyKeyVersion", "acme", "key: 'k' version: 1",
     "PERMISSION_DENIED", ""},
    {"KeyAdminService/DestroyKeyVersion", "operator", "version: -1",
     "INVALID_ARGUMENT", "key version"},
    {"KeyAdminService/DestroyKeyVersion", "operator", "key: 'k' version: 1",
     "KEY_UNKNOWN", ""},
    {"KeyAdminService/TestKey", "operator", "", "INVALID_ARGUMENT", "key"},
    {"KeyAdminService/TestKey", "foreign", "key: 'k' version: 1", "KEY_UNKNOWN",
     ""},
};

}  // namespace

std::vector<ErrorRow> KeyErrorRows() {
  return {std::begin(kRows), std::end(kRows)};
}

}  // namespace masa::authority
