#include "services/wire/certificate.h"

#include <utility>

#include "openssl/bytestring.h"
#include "openssl/err.h"
#include "openssl/sha.h"
#include "openssl/x509.h"
#include "services/status/reason.h"
#include "services/wire/der.h"
#include "services/wire/json_text.h"
#include "services/wire/rfc3339.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxCertificateOctets = 16 * 1024;

// Contents of object identifiers: extensions, RFC 5280 section 4.2.
constexpr absl::string_view kSubjectKeyId("\x55\x1d\x0e", 3);
constexpr absl::string_view kBasicConstraints("\x55\x1d\x13", 3);
constexpr absl::string_view kAuthorityKeyId("\x55\x1d\x23", 3);
constexpr absl::string_view kExtendedKeyUsage("\x55\x1d\x25", 3);
// id-pe-masa-url, RFC 8995 section 2.3.2: 1.3.6.1.5.5.7.1.32.
constexpr absl::string_view kMasaUrl("\x2b\x06\x01\x05\x05\x07\x01\x20", 8);
// id-kp-cmcRA, RFC 6402 section 2.10: 1.3.6.1.5.5.7.3.28.
constexpr absl::string_view kCmcRa("\x2b\x06\x01\x05\x05\x07\x03\x1c", 8);
// X520SerialNumber, 2.5.4.5.
constexpr absl::string_view kX520SerialNumber("\x55\x04\x05", 3);

constexpr unsigned kVersionTag =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
constexpr unsigned kExtensionsTag =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 3;

absl::Status Malformed(absl::string_view message) {
  return Refuse(Reason::kCertMalformed, message);
}

// Whether BoringSSL, which checks chains later, can read it too.
bool IsX509(absl::string_view der) {
  const uint8_t* at = reinterpret_cast<const uint8_t*>(der.data());
  const uint8_t* const end = at + der.size();
  const bssl::UniquePtr<X509> x509(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return x509 != nullptr && at == end;
}

bool TakeTime(CBS* validity, absl::Time* time) {
  CBS text;
  unsigned tag;
  if (!CBS_get_any_asn1(validity, &text, &tag) ||
      (tag != CBS_ASN1_UTCTIME && tag != CBS_ASN1_GENERALIZEDTIME)) {
    return false;
  }
  const auto parsed =
      ParseAsn1Time(View(text), tag == CBS_ASN1_GENERALIZEDTIME);
  if (parsed) {
    *time = *parsed;
  }
  return parsed.has_value();
}

// Reads one AttributeTypeAndValue; remembers a serial number.
bool ReadAttribute(CBS attribute, int* serials, CertificateFields* fields) {
  CBS type, value;
  unsigned tag;
  if (!CBS_get_asn1(&attribute, &type, CBS_ASN1_OBJECT) ||
      !CBS_get_any_asn1(&attribute, &value, &tag) || CBS_len(&attribute) != 0) {
    return false;
  }
  if (View(type) != kX520SerialNumber) {
    return true;
  }
  ++*serials;
  const bool text =
      tag == CBS_ASN1_PRINTABLESTRING || tag == CBS_ASN1_UTF8STRING;
  if (text && CBS_len(&value) > 0 && IsUtf8(View(value)) &&
      View(value).find('\0') == absl::string_view::npos) {
    fields->subject_serial_number = std::string(View(value));
  }
  return true;
}

bool ReadSubject(CBS subject, CertificateFields* fields) {
  int serials = 0;
  while (CBS_len(&subject) > 0) {
    CBS rdn;
    if (!CBS_get_asn1(&subject, &rdn, CBS_ASN1_SET) || CBS_len(&rdn) == 0) {
      return false;
    }
    while (CBS_len(&rdn) > 0) {
      CBS attribute;
      if (!CBS_get_asn1(&rdn, &attribute, CBS_ASN1_SEQUENCE) ||
          !ReadAttribute(attribute, &serials, fields)) {
        return false;
      }
    }
  }
  if (serials > 1) {
    // Which one names the device is anybody's guess, so none does.
    fields->subject_serial_number.reset();
  }
  return true;
}

bool ReadKeyIds(absl::string_view id, CBS value, CertificateFields* fields) {
  CBS key_id;
  if (id == kSubjectKeyId) {
    if (!CBS_get_asn1(&value, &key_id, CBS_ASN1_OCTETSTRING) ||
        CBS_len(&value) != 0 || CBS_len(&key_id) == 0) {
      return false;
    }
    fields->subject_key_id = std::string(View(key_id));
    return true;
  }
  CBS sequence;
  int present;
  if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) ||
      CBS_len(&value) != 0 ||
      !CBS_get_optional_asn1(&sequence, &key_id, &present,
                             CBS_ASN1_CONTEXT_SPECIFIC | 0)) {
    return false;
  }
  if (present && CBS_len(&key_id) > 0) {
    fields->authority_key_id = std::string(View(key_id));
  }
  return true;
}

bool ReadBasicConstraints(CBS value, CertificateFields* fields) {
  CBS sequence;
  if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) ||
      CBS_len(&value) != 0) {
    return false;
  }
  if (CBS_peek_asn1_tag(&sequence, CBS_ASN1_BOOLEAN)) {
    int is_ca;
    if (!CBS_get_asn1_bool(&sequence, &is_ca)) {
      return false;
    }
    fields->is_ca = is_ca != 0;
  }
  return true;
}

bool ReadExtendedKeyUsage(CBS value, CertificateFields* fields) {
  CBS sequence;
  if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) ||
      CBS_len(&value) != 0) {
    return false;
  }
  while (CBS_len(&sequence) > 0) {
    CBS purpose;
    if (!CBS_get_asn1(&sequence, &purpose, CBS_ASN1_OBJECT)) {
      return false;
    }
    fields->has_cmc_ra |= View(purpose) == kCmcRa;
  }
  return true;
}

bool ReadMasaUrl(CBS value, CertificateFields* fields) {
  CBS url;
  if (!CBS_get_asn1(&value, &url, CBS_ASN1_IA5STRING) || CBS_len(&value) != 0) {
    return false;
  }
  fields->masa_url = std::string(View(url));
  return true;
}

bool ReadExtension(absl::string_view id, CBS value, CertificateFields* fields) {
  if (id == kSubjectKeyId || id == kAuthorityKeyId) {
    return ReadKeyIds(id, value, fields);
  }
  if (id == kBasicConstraints) {
    return ReadBasicConstraints(value, fields);
  }
  if (id == kExtendedKeyUsage) {
    return ReadExtendedKeyUsage(value, fields);
  }
  return id == kMasaUrl ? ReadMasaUrl(value, fields) : true;
}

bool ReadExtensions(CBS extensions, CertificateFields* fields) {
  CBS list;
  if (!CBS_get_asn1(&extensions, &list, CBS_ASN1_SEQUENCE) ||
      CBS_len(&extensions) != 0) {
    return false;
  }
  std::vector<absl::string_view> seen;
  while (CBS_len(&list) > 0) {
    CBS extension, id, value;
    if (!CBS_get_asn1(&list, &extension, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&extension, &id, CBS_ASN1_OBJECT) ||
        (CBS_peek_asn1_tag(&extension, CBS_ASN1_BOOLEAN) &&
         !CBS_get_asn1(&extension, nullptr, CBS_ASN1_BOOLEAN)) ||
        !CBS_get_asn1(&extension, &value, CBS_ASN1_OCTETSTRING) ||
        CBS_len(&extension) != 0) {
      return false;
    }
    // One of each (RFC 5280 section 4.2), so that no two readers differ.
    for (absl::string_view other : seen) {
      if (other == View(id)) {
        return false;
      }
    }
    seen.push_back(View(id));
    if (!ReadExtension(View(id), value, fields)) {
      return false;
    }
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
      !TakeTime(&validity, &fields->not_before) ||
      !TakeTime(&validity, &fields->not_after) || CBS_len(&validity) != 0 ||
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
      !ReadFields(tbs, fields.get()) || !IsX509(der)) {
    return Malformed("this is not one X.509 certificate in DER");
  }
  fields->der = std::string(der);
  return Certificate(std::move(fields));
}

std::string Certificate::DomainId() const {
  return fields_->subject_key_id ? *fields_->subject_key_id
                                 : fields_->spki_sha256;
}

}  // namespace masa::wire
