#include "services/signing/certificate_request.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "openssl/err.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/x509.h"
#include "services/signing/der_builder.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/x509_write.h"

namespace masa::signing {
namespace {

struct AttributeRow {
  absl::string_view name;
  int nid;
};

constexpr AttributeRow kAttributes[] = {{"CN", NID_commonName},
                                        {"O", NID_organizationName},
                                        {"OU", NID_organizationalUnitName},
                                        {"C", NID_countryName},
                                        {"L", NID_localityName},
                                        {"ST", NID_stateOrProvinceName},
                                        {"SERIALNUMBER", NID_serialNumber}};

absl::Status Wrong(absl::string_view what) {
  return Refuse(
      Reason::kInvalidArgument,
      absl::StrCat("a subject is like CN=ACME voucher signer,O=ACME: ", what));
}

// The parts between commas; `\` takes what follows as it is.
std::vector<std::string> Parts(const std::string& text) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back() += text[++i];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

absl::Status Add(const std::string& part, X509_NAME* name) {
  const size_t equals = part.find('=');
  const std::string key(absl::StripAsciiWhitespace(part.substr(0, equals)));
  const std::string value =
      equals == std::string::npos ? "" : part.substr(equals + 1);
  for (const AttributeRow& row : kAttributes) {
    if (!absl::EqualsIgnoreCase(row.name, key)) {
      continue;
    }
    if (X509_NAME_add_entry_by_NID(
            name, row.nid, MBSTRING_UTF8,
            reinterpret_cast<const uint8_t*>(value.data()),
            static_cast<int>(value.size()), -1, 0) == 1 &&
        !value.empty()) {
      return absl::OkStatus();
    }
    ERR_clear_error();
    return Wrong(absl::StrCat(key, " cannot have this value"));
  }
  return Wrong(absl::StrCat(key,
                            " is none of CN, O, OU, C, L, ST, "
                            "SERIALNUMBER"));
}

absl::string_view Octets(const CBS& cbs) {
  return {reinterpret_cast<const char*>(CBS_data(&cbs)), CBS_len(&cbs)};
}

}  // namespace

absl::StatusOr<std::string> NameDerOf(const std::string& text) {
  constexpr size_t kLongest = 512;
  if (text.empty() || text.size() > kLongest) {
    return Wrong("it has 1 to 512 octets");
  }
  bssl::UniquePtr<X509_NAME> name(X509_NAME_new());
  for (const std::string& part : Parts(text)) {
    MASA_RETURN_IF_ERROR(Add(part, name.get()));
  }
  uint8_t* octets = nullptr;
  const int length = i2d_X509_NAME(name.get(), &octets);
  if (length <= 0) {
    return Wrong("it does not encode");
  }
  std::string der(reinterpret_cast<char*>(octets), length);
  OPENSSL_free(octets);
  return der;
}

std::string EncodeRequestInfo(absl::string_view name_der,
                              absl::string_view spki_der) {
  bssl::ScopedCBB cbb;
  CBB info, attributes;
  CBB_init(cbb.get(), 256);
  CBB_add_asn1(cbb.get(), &info, CBS_ASN1_SEQUENCE);
  CBB_add_asn1_uint64(&info, 0);
  Append(&info, name_der);
  Append(&info, spki_der);
  CBB_add_asn1(&info, &attributes,
               CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0);
  return Finished(cbb.get());
}

absl::StatusOr<std::string> EncodeRequest(absl::string_view info_der,
                                          SignatureAlgorithm algorithm,
                                          absl::string_view signature) {
  std::string der = wire::SignedDer(info_der, algorithm, signature);
  if (der.empty()) {
    return Refuse(Reason::kInvalidArgument,
                  "no certificate can be asked for with this algorithm");
  }
  return der;
}

bool IsRequestInfoOf(absl::string_view octets, absl::string_view spki_der) {
  CBS cbs, info, name;
  uint64_t version = 1;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(octets.data()),
           octets.size());
  // Read only as far as the name, and then held against the one encoding.
  return CBS_get_asn1(&cbs, &info, CBS_ASN1_SEQUENCE) == 1 &&
         CBS_get_asn1_uint64(&info, &version) == 1 &&
         CBS_get_asn1_element(&info, &name, CBS_ASN1_SEQUENCE) == 1 &&
         octets == EncodeRequestInfo(Octets(name), spki_der);
}

}  // namespace masa::signing
