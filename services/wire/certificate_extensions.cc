#include "services/wire/certificate_extensions.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "openssl/mem.h"
#include "services/wire/der.h"

namespace masa::wire {
namespace {

// Contents of object identifiers: extensions, RFC 5280 section 4.2.
constexpr absl::string_view kSubjectKeyId("\x55\x1d\x0e", 3);
constexpr absl::string_view kBasicConstraints("\x55\x1d\x13", 3);
constexpr absl::string_view kAuthorityKeyId("\x55\x1d\x23", 3);
constexpr absl::string_view kExtendedKeyUsage("\x55\x1d\x25", 3);
// id-pe-masa-url, RFC 8995 section 2.3.2: 1.3.6.1.5.5.7.1.32.
constexpr absl::string_view kMasaUrl("\x2b\x06\x01\x05\x05\x07\x01\x20", 8);
// id-kp-cmcRA, RFC 6402 section 2.10: 1.3.6.1.5.5.7.3.28.
constexpr absl::string_view kCmcRa("\x2b\x06\x01\x05\x05\x07\x03\x1c", 8);
// id-kp-OCSPSigning, 1.3.6.1.5.5.7.3.9.
constexpr absl::string_view kOcspSigning("\x2b\x06\x01\x05\x05\x07\x03\x09", 8);
constexpr absl::string_view kCertificatePolicies("\x55\x1d\x20", 3);
constexpr absl::string_view kKeyUsage("\x55\x1d\x0f", 3);
constexpr absl::string_view kSubjectAlternativeName("\x55\x1d\x11", 3);
constexpr absl::string_view kCrlDistributionPoints("\x55\x1d\x1f", 3);
// id-pe-authorityInfoAccess and id-ad-ocsp.
constexpr absl::string_view kAuthorityInfoAccess(
    "\x2b\x06\x01\x05\x05\x07\x01\x01", 8);
constexpr absl::string_view kAdOcsp("\x2b\x06\x01\x05\x05\x07\x30\x01", 8);
// id-on-hardwareModuleName, RFC 4108 section 5: 1.3.6.1.5.5.7.8.4.
constexpr absl::string_view kHardwareModuleName(
    "\x2b\x06\x01\x05\x05\x07\x08\x04", 8);

constexpr unsigned kContext = CBS_ASN1_CONTEXT_SPECIFIC;
constexpr unsigned kConstructed = kContext | CBS_ASN1_CONSTRUCTED;
constexpr unsigned kUri = kContext | 6;  // of GeneralName

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
    fields->has_ocsp_signing |= View(purpose) == kOcspSigning;
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

// RFC 5280 section 4.2.1.3: keyCertSign is bit 5, cRLSign bit 6.
bool ReadKeyUsage(CBS value, CertificateFields* fields) {
  constexpr unsigned kCrlSignBit = 6;
  CBS bits;
  if (!CBS_get_asn1(&value, &bits, CBS_ASN1_BITSTRING) ||
      CBS_len(&value) != 0 || !CBS_is_valid_asn1_bitstring(&bits)) {
    return false;
  }
  fields->may_sign_crls = CBS_asn1_bitstring_has_bit(&bits, kCrlSignBit) != 0;
  return true;
}

// RFC 5280 section 4.2.1.4; qualifiers are passed over.
bool ReadPolicies(CBS value, CertificateFields* fields) {
  CBS list, policy, id;
  if (!CBS_get_asn1(&value, &list, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    if (!CBS_get_asn1(&list, &policy, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&policy, &id, CBS_ASN1_OBJECT)) {
      return false;
    }
    const bssl::UniquePtr<char> text(CBS_asn1_oid_to_text(&id));
    if (text != nullptr) {
      fields->policy_oids.emplace_back(text.get());
    }
  }
  return true;
}

// RFC 4108 section 5: hwType, hwSerialNum.
void ReadOtherName(CBS other, CertificateFields* fields) {
  CBS id, wrapped, module, serial;
  if (CBS_get_asn1(&other, &id, CBS_ASN1_OBJECT) &&
      View(id) == kHardwareModuleName &&
      CBS_get_asn1(&other, &wrapped, kConstructed | 0) &&
      CBS_get_asn1(&wrapped, &module, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1(&module, nullptr, CBS_ASN1_OBJECT) &&
      CBS_get_asn1(&module, &serial, CBS_ASN1_OCTETSTRING)) {
    fields->hardware_serial_number = std::string(View(serial));
  }
}

bool ReadAlternativeNames(CBS value, CertificateFields* fields) {
  CBS names, name;
  unsigned tag;
  if (!CBS_get_asn1(&value, &names, CBS_ASN1_SEQUENCE) ||
      CBS_len(&value) != 0) {
    return false;
  }
  while (CBS_len(&names) > 0) {
    if (!CBS_get_any_asn1(&names, &name, &tag)) {
      return false;
    }
    if (tag == (kConstructed | 0)) {
      ReadOtherName(name, fields);
    }
  }
  return true;
}

// The URIs among the GeneralNames of `names`.
bool ReadUris(CBS names, std::vector<std::string>* uris) {
  CBS name;
  unsigned tag;
  while (CBS_len(&names) > 0) {
    if (!CBS_get_any_asn1(&names, &name, &tag)) {
      return false;
    }
    if (tag == kUri) {
      uris->emplace_back(View(name));
    }
  }
  return true;
}

// RFC 5280 section 4.2.1.13: distributionPoint's fullName alone; a point for
// some reasons only says nothing about the others.
bool ReadCrlPoints(CBS value, CertificateFields* fields) {
  CBS points, point, name, full_name;
  int has_name, has_full_name;
  if (!CBS_get_asn1(&value, &points, CBS_ASN1_SEQUENCE) ||
      CBS_len(&value) != 0) {
    return false;
  }
  while (CBS_len(&points) > 0) {
    if (!CBS_get_asn1(&points, &point, CBS_ASN1_SEQUENCE) ||
        !CBS_get_optional_asn1(&point, &name, &has_name, kConstructed | 0)) {
      return false;
    }
    if (!has_name || CBS_len(&point) != 0) {
      continue;
    }
    if (!CBS_get_optional_asn1(&name, &full_name, &has_full_name,
                               kConstructed | 0) ||
        (has_full_name && !ReadUris(full_name, &fields->crl_urls))) {
      return false;
    }
  }
  return true;
}

// RFC 5280 section 4.2.2.1.
bool ReadInfoAccess(CBS value, CertificateFields* fields) {
  CBS list, description, method;
  if (!CBS_get_asn1(&value, &list, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    if (!CBS_get_asn1(&list, &description, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&description, &method, CBS_ASN1_OBJECT)) {
      return false;
    }
    if (View(method) == kAdOcsp && !ReadUris(description, &fields->ocsp_urls)) {
      return false;
    }
  }
  return true;
}

bool ReadExtension(absl::string_view id, CBS value, CertificateFields* fields) {
  constexpr struct {
    absl::string_view id;
    bool (*read)(CBS, CertificateFields*);
  } kReaders[] = {
      {kBasicConstraints, ReadBasicConstraints},
      {kExtendedKeyUsage, ReadExtendedKeyUsage},
      {kMasaUrl, ReadMasaUrl},
      {kKeyUsage, ReadKeyUsage},
      {kCertificatePolicies, ReadPolicies},
      {kSubjectAlternativeName, ReadAlternativeNames},
      {kCrlDistributionPoints, ReadCrlPoints},
      {kAuthorityInfoAccess, ReadInfoAccess},
  };
  if (id == kSubjectKeyId || id == kAuthorityKeyId) {
    return ReadKeyIds(id, value, fields);
  }
  for (const auto& reader : kReaders) {
    if (reader.id == id) {
      return reader.read(value, fields);
    }
  }
  return true;
}

}  // namespace

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

}  // namespace masa::wire
