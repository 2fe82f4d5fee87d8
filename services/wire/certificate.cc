#include "services/wire/certificate.h"

#include <utility>

#include "openssl/bytestring.h"
#include "openssl/sha.h"
#include "services/status/reason.h"
#include "services/wire/certificate_extensions.h"
#include "services/wire/der.h"
#include "services/wire/utf8.h"
#include "services/wire/x509_parts.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxCertificateOctets = 16 * 1024;

// X520SerialNumber, 2.5.4.5, and commonName, 2.5.4.3.
constexpr absl::string_view kX520SerialNumber("\x55\x04\x05", 3);
constexpr absl::string_view kCommonName("\x55\x04\x03", 3);

constexpr unsigned kVersionTag =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
constexpr unsigned kExtensionsTag =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 3;

absl::Status Malformed(absl::string_view message) {
  return Refuse(Reason::kCertMalformed, message);
}

// A name of the subject, when it is text; more than one of a type leave it
// empty: which of them names the device is anybody's guess.
struct Name {
  absl::string_view type;
  absl::string_view text;
  bool seen = false;
};

bool ReadAttribute(CBS attribute, Name* name) {
  CBS type, value;
  unsigned tag;
  if (!CBS_get_asn1(&attribute, &type, CBS_ASN1_OBJECT) ||
      !CBS_get_any_asn1(&attribute, &value, &tag) || CBS_len(&attribute) != 0) {
    return false;
  }
  if (View(type) != name->type) {
    return true;
  }
  const bool text =
      tag == CBS_ASN1_PRINTABLESTRING || tag == CBS_ASN1_UTF8STRING;
  const bool usable = text && !name->seen && IsUtf8(View(value)) &&
                      View(value).find('\0') == absl::string_view::npos;
  name->text = usable ? View(value) : absl::string_view();
  name->seen = true;
  return true;
}

bool ReadSubject(CBS subject, CertificateFields* fields) {
  Name serial{kX520SerialNumber, {}}, common{kCommonName, {}};
  while (CBS_len(&subject) > 0) {
    CBS rdn;
    if (!CBS_get_asn1(&subject, &rdn, CBS_ASN1_SET) || CBS_len(&rdn) == 0) {
      return false;
    }
    while (CBS_len(&rdn) > 0) {
      CBS attribute;
      if (!CBS_get_asn1(&rdn, &attribute, CBS_ASN1_SEQUENCE) ||
          !ReadAttribute(attribute, &serial) ||
          !ReadAttribute(attribute, &common)) {
        return false;
      }
    }
  }
  if (!serial.text.empty()) {
    fields->subject_serial_number.emplace(serial.text);
  }
  if (!common.text.empty()) {
    fields->subject_common_name.emplace(common.text);
  }
  return true;
}

// Reads the TBSCertificate of RFC 5280 section 4.1.
bool ReadFields(CBS tbs, CertificateFields* fields) {
  CBS serial, issuer, validity, subject, subject_contents, spki, extensions;
  int has_extensions;
  if (!CBS_get_optional_asn1(&tbs, nullptr, nullptr, kVersionTag) ||
      !CBS_get_asn1(&tbs, &serial, CBS_ASN1_INTEGER) ||
      !CBS_get_asn1(&tbs, nullptr, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1_element(&tbs, &issuer, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&tbs, &validity, CBS_ASN1_SEQUENCE) ||
      !TakeX509Time(&validity, &fields->not_before) ||
      !TakeX509Time(&validity, &fields->not_after) || CBS_len(&validity) != 0 ||
      !CBS_get_asn1_element(&tbs, &subject, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1_element(&tbs, &spki, CBS_ASN1_SEQUENCE) ||
      !CBS_get_optional_asn1(&tbs, nullptr, nullptr,
                             CBS_ASN1_CONTEXT_SPECIFIC | 1) ||
      !CBS_get_optional_asn1(&tbs, nullptr, nullptr,
                             CBS_ASN1_CONTEXT_SPECIFIC | 2) ||
      !CBS_get_optional_asn1(&tbs, &extensions, &has_extensions,
                             kExtensionsTag) ||
      CBS_len(&tbs) != 0) {
    return false;
  }
  fields->serial_der = std::string(View(serial));
  fields->issuer_der = std::string(View(issuer));
  fields->subject_der = std::string(View(subject));
  fields->spki_der = std::string(View(spki));
  fields->spki_sha256.resize(SHA256_DIGEST_LENGTH);
  SHA256(CBS_data(&spki), CBS_len(&spki),
         reinterpret_cast<uint8_t*>(fields->spki_sha256.data()));
  return CBS_get_asn1(&subject, &subject_contents, CBS_ASN1_SEQUENCE) &&
         ReadSubject(subject_contents, fields) &&
         (!has_extensions || ReadExtensions(extensions, fields));
}

}  // namespace

absl::StatusOr<Certificate> Certificate::Parse(absl::string_view der) {
  if (der.size() > kMaxCertificateOctets) {
    return Malformed("the certificate is larger than 16 KiB");
  }
  CBS input = Cbs(der), certificate, tbs;
  auto fields = std::make_shared<CertificateFields>();
  if (!CBS_get_asn1(&input, &certificate, CBS_ASN1_SEQUENCE) ||
      CBS_len(&input) != 0 ||
      !CBS_get_asn1(&certificate, &tbs, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&certificate, nullptr, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&certificate, nullptr, CBS_ASN1_BITSTRING) ||
      CBS_len(&certificate) != 0 || !ReadFields(tbs, fields.get())) {
    return Malformed("this is not one X.509 certificate in DER");
  }
  fields->der = std::string(der);
  return Certificate(std::move(fields));
}

std::string Certificate::DomainId() const {
  return fields_->subject_key_id ? *fields_->subject_key_id
                                 : fields_->spki_sha256;
}

bool Outlasts(const Certificate& a, const Certificate& b) {
  return a->not_after != b->not_after ? a->not_after > b->not_after
                                      : a->der < b->der;
}

}  // namespace masa::wire
