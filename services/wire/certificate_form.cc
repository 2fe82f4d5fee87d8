#include "services/wire/certificate_form.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "services/wire/der.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

constexpr uint8_t kIa5String = 0x16;
constexpr uint8_t kKeyIdTag = 0x80;    // [0] IMPLICIT OCTET STRING
constexpr uint8_t kDnsNameTag = 0x82;  // of GeneralName
constexpr uint8_t kUriTag = 0x86;      // of GeneralName
constexpr uint8_t kExtensionsTag = 0xa3;
constexpr size_t kFewestSerialOctets = 8;
constexpr size_t kMostSerialOctets = 20;
// Contents of object identifiers.
constexpr absl::string_view kBasicConstraints("\x55\x1d\x13", 3);
constexpr absl::string_view kKeyUsage("\x55\x1d\x0f", 3);
constexpr absl::string_view kExtendedKeyUsage("\x55\x1d\x25", 3);
constexpr absl::string_view kSubjectKeyId("\x55\x1d\x0e", 3);
constexpr absl::string_view kAuthorityKeyId("\x55\x1d\x23", 3);
constexpr absl::string_view kAlternativeName("\x55\x1d\x11", 3);
constexpr absl::string_view kCrlPoints("\x55\x1d\x1f", 3);
constexpr absl::string_view kInformationAccess(
    "\x2b\x06\x01\x05\x05\x07\x01\x01", 8);
constexpr absl::string_view kAdOcsp("\x2b\x06\x01\x05\x05\x07\x30\x01", 8);
// id-pe-masa-url, RFC 8995 section 2.3.2.
constexpr absl::string_view kMasaUrl("\x2b\x06\x01\x05\x05\x07\x01\x20", 8);
// digitalSignature, as a BIT STRING.
constexpr absl::string_view kDigitalSignature("\x03\x02\x07\x80", 4);
constexpr absl::string_view kVersion3("\xa0\x03\x02\x01\x02", 5);
constexpr absl::string_view kEmptySequence("\x30\x00", 2);

absl::Status Wrong(absl::string_view what) {
  return Refuse(Reason::kMalformed, absl::StrCat("the certificate: ", what));
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

absl::Status CheckForm(const CertificateForm& form) {
  const std::string& serial = form.serial;
  const bool is_short_form =
      serial.size() > 1 && serial[0] == 0 && (serial[1] & 0x80) == 0;
  if (serial.size() < kFewestSerialOctets ||
      serial.size() > kMostSerialOctets || (serial[0] & 0x80) != 0 ||
      is_short_form) {
    return Wrong(
        "its serial number is not 8 to 20 octets of a positive number");
  }
  if (form.not_before >= form.not_after) {
    return Wrong("it ends before it begins");
  }
  if (form.issuer_der.empty() || form.subject_der.empty() ||
      form.authority_key_id.empty() || KeyBitsOf(form.spki_der).empty() ||
      X509AlgorithmDer(form.algorithm).empty()) {
    return Wrong("it lacks an issuer, a subject, a key or an algorithm");
  }
  if (form.subject_der == kEmptySequence && form.dns_names.empty()) {
    return Wrong("nothing in it says whose it is");
  }
  for (const std::string* url :
       {&form.masa_url, &form.crl_url, &form.ocsp_url}) {
    if (!IsAscii(*url)) {
      return Wrong("a URL in it is not of ASCII");
    }
  }
  return absl::OkStatus();
}

std::string PurposesDer(const std::vector<std::string>& purposes) {
  std::string list;
  for (const std::string& purpose : purposes) {
    const auto oid = OidDer(purpose);
    if (!oid) {
      return "";
    }
    list += *oid;
  }
  return Element(kSequence, list);
}

std::string NamesDer(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    AppendElement(kDnsNameTag, name, &list);
  }
  return Element(kSequence, list);
}

// One DistributionPoint with one URI as its full name.
std::string CrlPointsDer(absl::string_view url) {
  const std::string full_name = Element(kContext0, Element(kUriTag, url));
  return Element(kSequence, Element(kSequence, Element(kContext0, full_name)));
}

std::string OcspAccessDer(absl::string_view url) {
  return Element(kSequence, Element(kSequence, Element(kOid, kAdOcsp) +
                                                   Element(kUriTag, url)));
}

absl::StatusOr<std::string> ExtensionsDer(const CertificateForm& form) {
  std::string list = ExtensionDer(kBasicConstraints, true, kEmptySequence);
  list += ExtensionDer(kKeyUsage, true, kDigitalSignature);
  list += ExtensionDer(kSubjectKeyId, false,
                       Element(kOctetString, KeyIdOfSpki(form.spki_der)));
  list += ExtensionDer(
      kAuthorityKeyId, false,
      Element(kSequence, Element(kKeyIdTag, form.authority_key_id)));
  if (!form.extended_key_usages.empty()) {
    const std::string purposes = PurposesDer(form.extended_key_usages);
    if (purposes.empty()) {
      return Wrong("one of its purposes is no object identifier");
    }
    list += ExtensionDer(kExtendedKeyUsage, false, purposes);
  }
  if (!form.dns_names.empty()) {
    // RFC 5280 section 4.2.1.6: critical where nothing else names the subject.
    list += ExtensionDer(kAlternativeName, form.subject_der == kEmptySequence,
                         NamesDer(form.dns_names));
  }
  if (!form.masa_url.empty()) {
    list += ExtensionDer(kMasaUrl, false, Element(kIa5String, form.masa_url));
  }
  if (!form.crl_url.empty()) {
    list += ExtensionDer(kCrlPoints, false, CrlPointsDer(form.crl_url));
  }
  if (!form.ocsp_url.empty()) {
    list +=
        ExtensionDer(kInformationAccess, false, OcspAccessDer(form.ocsp_url));
  }
  return Element(kExtensionsTag, Element(kSequence, list));
}

// The list of them; false when there is none.
bool FindExtensions(absl::string_view tbs_der, CBS* list) {
  CBS cbs = Cbs(tbs_der), tbs, part, wrapped;
  unsigned tag = 0;
  if (!CBS_get_asn1(&cbs, &tbs, CBS_ASN1_SEQUENCE)) {
    return false;
  }
  CBS_init(&part, nullptr, 0);
  while (CBS_len(&tbs) > 0) {
    if (!CBS_get_any_asn1_element(&tbs, &part, &tag, nullptr)) {
      return false;
    }
  }
  constexpr unsigned kTag =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 3;
  return CBS_get_asn1(&part, &wrapped, kTag) &&
         CBS_get_asn1(&wrapped, list, CBS_ASN1_SEQUENCE);
}

absl::Status CheckExtensions(absl::string_view tbs_der, bool names_subject) {
  CBS list;
  if (!FindExtensions(tbs_der, &list)) {
    return Wrong("its extensions do not read back");
  }
  std::vector<absl::string_view> seen;  // a few
  while (CBS_len(&list) > 0) {
    CBS extension, id;
    int critical = 0;
    if (!CBS_get_asn1(&list, &extension, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&extension, &id, CBS_ASN1_OBJECT) ||
        (CBS_peek_asn1_tag(&extension, CBS_ASN1_BOOLEAN) &&
         !CBS_get_asn1_bool(&extension, &critical))) {
      return Wrong("its extensions do not read back");
    }
    if (std::find(seen.begin(), seen.end(), View(id)) != seen.end()) {
      return Wrong("an extension stands twice");
    }
    if (View(id) == kAlternativeName && (critical == 0) != names_subject) {
      return Wrong(
          "its alternative names are critical beside a subject, or "
          "are not without one");
    }
    seen.push_back(View(id));
  }
  return absl::OkStatus();
}

std::vector<std::string> ListOf(const std::string& url) {
  return url.empty() ? std::vector<std::string>() : std::vector{url};
}

}  // namespace

absl::StatusOr<std::string> EncodeTbsCertificate(const CertificateForm& form) {
  MASA_RETURN_IF_ERROR(CheckForm(form));
  MASA_ASSIGN_OR_RETURN(const std::string extensions, ExtensionsDer(form));
  std::string contents(kVersion3);
  AppendElement(kInteger, form.serial, &contents);
  contents += X509AlgorithmDer(form.algorithm) + form.issuer_der;
  AppendElement(kSequence,
                X509TimeDer(form.not_before) + X509TimeDer(form.not_after),
                &contents);
  contents += form.subject_der + form.spki_der + extensions;
  return Element(kSequence, contents);
}

absl::Status CheckTbsCertificate(absl::string_view tbs_der,
                                 const CertificateForm& form) {
  MASA_ASSIGN_OR_RETURN(const std::string meant, EncodeTbsCertificate(form));
  if (tbs_der != meant) {
    return Wrong("it is not what was asked for");
  }
  // Read by other code than it was written by, in the shape of a whole one.
  const auto read =
      Certificate::Parse(SignedDer(tbs_der, form.algorithm, "signature"));
  if (!read.ok()) {
    return Wrong("it does not read back");
  }
  const CertificateFields& fields = **read;
  const bool is_same = fields.serial_der == form.serial &&
                       fields.issuer_der == form.issuer_der &&
                       fields.subject_der == form.subject_der &&
                       fields.spki_der == form.spki_der &&
                       absl::ToUnixSeconds(fields.not_before) ==
                           absl::ToUnixSeconds(form.not_before) &&
                       absl::ToUnixSeconds(fields.not_after) ==
                           absl::ToUnixSeconds(form.not_after) &&
                       fields.masa_url.value_or("") == form.masa_url &&
                       fields.crl_urls == ListOf(form.crl_url) &&
                       fields.ocsp_urls == ListOf(form.ocsp_url) &&
                       fields.authority_key_id == form.authority_key_id &&
                       !fields.is_ca;
  if (!is_same) {
    return Wrong("it does not read back as what was asked for");
  }
  return CheckExtensions(tbs_der, fields.subject_der != kEmptySequence);
}

}  // namespace masa::wire
