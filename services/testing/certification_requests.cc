#include "services/testing/certification_requests.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_join.h"
#include "openssl/digest.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/x509.h"
#include "openssl/x509v3.h"

namespace masa::testing {
namespace {

void Check(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "certification_requests: %s\n", what);
    std::abort();
  }
}

void AddSubject(const RequestSpec& spec, X509_REQ* request) {
  X509_NAME* name = X509_REQ_get_subject_name(request);
  const int chosen = spec.subject_type == 0 ? MBSTRING_UTF8 : spec.subject_type;
  for (const auto& [type, text] : spec.subject) {
    Check(X509_NAME_add_entry_by_txt(
              name, type.c_str(), chosen,
              reinterpret_cast<const uint8_t*>(text.data()),
              static_cast<int>(text.size()), -1, 0) == 1,
          "subject");
  }
}

void AddNames(const RequestSpec& spec, X509_REQ* request) {
  if (spec.alternative_names.empty()) {
    return;
  }
  const std::string text = absl::StrJoin(spec.alternative_names, ",");
  X509_EXTENSION* extension = X509V3_EXT_nconf_nid(
      nullptr, nullptr, NID_subject_alt_name, text.c_str());
  Check(extension != nullptr, "alternative names");
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(extensions, extension);
  Check(X509_REQ_add_extensions(request, extensions) == 1, "extensions");
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

}  // namespace

RequestSpec ForDevice(const std::string& serial_number) {
  return {{{"serialNumber", serial_number}}, {}, ""};
}

std::string MakeRequest(const RequestSpec& spec, EVP_PKEY* key) {
  bssl::UniquePtr<X509_REQ> request(X509_REQ_new());
  AddSubject(spec, request.get());
  AddNames(spec, request.get());
  if (!spec.challenge_password.empty()) {
    Check(X509_REQ_add1_attr_by_NID(
              request.get(), NID_pkcs9_challengePassword, MBSTRING_UTF8,
              reinterpret_cast<const uint8_t*>(spec.challenge_password.data()),
              static_cast<int>(spec.challenge_password.size())) == 1,
          "challenge password");
  }
  for (const auto& [type, octets] : spec.octet_attributes) {
    Check(X509_REQ_add1_attr_by_txt(
              request.get(), type.c_str(), V_ASN1_OCTET_STRING,
              reinterpret_cast<const uint8_t*>(octets.data()),
              static_cast<int>(octets.size())) == 1,
          "attribute");
  }
  const bool has_digest = EVP_PKEY_id(key) != EVP_PKEY_ED25519;
  Check(X509_REQ_set_pubkey(request.get(), key) == 1 &&
            X509_REQ_sign(request.get(), key,
                          has_digest ? EVP_sha256() : nullptr) > 0,
        "signature");
  uint8_t* der = nullptr;
  const int length = i2d_X509_REQ(request.get(), &der);
  Check(length > 0, "encoding");
  std::string octets(reinterpret_cast<const char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

}  // namespace masa::testing
