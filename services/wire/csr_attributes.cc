// What a request for a certificate shall have, of est_messages.h.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "services/wire/der.h"
#include "services/wire/est_messages.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

constexpr absl::string_view kEcPublicKey("\x2a\x86\x48\xce\x3d\x02\x01", 7);
constexpr absl::string_view kP256("\x2a\x86\x48\xce\x3d\x03\x01\x07", 8);
constexpr absl::string_view kP384("\x2b\x81\x04\x00\x22", 5);
constexpr absl::string_view kEd25519("\x2b\x65\x70", 3);
constexpr absl::string_view kRsaEncryption(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9);
constexpr absl::string_view kRsaBits("\x02\x02\x08\x00", 4);  // 2048
constexpr absl::string_view kExtensionRequest(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 9);
constexpr absl::string_view kChallengePassword(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07", 9);
constexpr absl::string_view kExtendedKeyUsage("\x55\x1d\x25", 3);

constexpr absl::string_view kSubjectAltName("\x55\x1d\x11", 3);
// id-aa-certificationRequestInfoTemplate and id-aa-extensionReqTemplate.
constexpr absl::string_view kTemplate(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x3d", 11);
constexpr absl::string_view kExtensionTemplate(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x3e", 11);
constexpr absl::string_view kVersion1("\x02\x01\x00", 3);  // v1(0)
constexpr uint8_t kKeyTag = 0xa0;                          // [0]
constexpr uint8_t kAttributesTag = 0xa1;                   // [1]
constexpr uint8_t kUtf8String = 0x0c;

std::string Attribute(absl::string_view type, absl::string_view values) {
  return Element(kSequence, Element(kOid, type) + Element(kSet, values));
}

// The contents of a SET OF: in DER its encodings are in their own order (X.690
// section 11.6).
std::string SortedSet(std::vector<std::string> encodings) {
  std::sort(encodings.begin(), encodings.end());
  return absl::StrJoin(encodings, "");
}

bool Has(const std::vector<KeyShape>& keys, KeyShape key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// RFC 9908 section 3.2: of a key type, its parameters as the values.
std::string KeyTypes(const std::vector<KeyShape>& keys) {
  std::vector<std::string> curves;
  if (Has(keys, KeyShape::kP256)) {
    curves.push_back(Element(kOid, kP256));
  }
  if (Has(keys, KeyShape::kP384)) {
    curves.push_back(Element(kOid, kP384));
  }
  std::string list;
  if (!curves.empty()) {
    list += Attribute(kEcPublicKey, SortedSet(curves));
  }
  if (Has(keys, KeyShape::kRsa)) {
    list += Attribute(kRsaEncryption, kRsaBits);
  }
  if (Has(keys, KeyShape::kEd25519)) {
    list += Element(kOid, kEd25519);
  }
  return list;
}

// SingleAttributeTemplate in a SET of its own; without a value the client
// fills it in.
std::string NamePart(absl::string_view type, absl::string_view text) {
  std::string part = Element(kOid, type);
  if (!text.empty()) {
    AppendElement(kUtf8String, text, &part);
  }
  return Element(kSet, Element(kSequence, part));
}

// The AlgorithmIdentifier of a SubjectPublicKeyInfoTemplate.
std::string AlgorithmOf(KeyShape key) {
  switch (key) {
    case KeyShape::kP256:
      return Element(kSequence,
                     Element(kOid, kEcPublicKey) + Element(kOid, kP256));
    case KeyShape::kP384:
      return Element(kSequence,
                     Element(kOid, kEcPublicKey) + Element(kOid, kP384));
    case KeyShape::kEd25519:
      return Element(kSequence, Element(kOid, kEd25519));
    default:
      return Element(kSequence, Element(kOid, kRsaEncryption) +
                                    std::string("\x05\x00", 2));
  }
}

// One extensionRequest with the purposes; empty where there are none.
std::string PurposesOf(const CsrAttributes& attributes) {
  std::string purposes;
  for (const std::string& purpose : attributes.extended_key_usages) {
    purposes += OidDer(purpose).value_or("");
  }
  return purposes.empty()
             ? ""
             : Attribute(kExtensionRequest,
                         Element(kSequence,
                                 ExtensionDer(kExtendedKeyUsage, false,
                                              Element(kSequence, purposes))));
}

// CertificationRequestInfoTemplate, RFC 9908 section 3.4.
std::string TemplateOf(const CsrAttributes& attributes) {
  using Subject = CsrAttributes::Subject;
  std::string contents(kVersion1);
  std::string name;
  if (attributes.subject == Subject::kDevice) {
    name += NamePart(kNameSerialNumber, "");
  }
  if (!attributes.organization.empty()) {
    name += NamePart(kNameOrganization, attributes.organization);
  }
  if (!name.empty()) {
    AppendElement(kSequence, name, &contents);
  }
  if (!attributes.keys.empty()) {
    AppendElement(kKeyTag, AlgorithmOf(attributes.keys.front()), &contents);
  }
  std::vector<std::string> more = {PurposesOf(attributes)};
  if (attributes.subject == Subject::kServer) {
    more.push_back(
        Attribute(kExtensionTemplate,
                  Element(kSequence,
                          Element(kSequence, Element(kOid, kSubjectAltName)))));
  }
  AppendElement(kAttributesTag, SortedSet(more), &contents);
  return Attribute(kTemplate, Element(kSequence, contents));
}

}  // namespace

std::string EncodeCsrAttributes(const CsrAttributes& attributes) {
  std::string list = KeyTypes(attributes.keys) + PurposesOf(attributes);
  if (attributes.challenge_password) {
    list += Element(kOid, kChallengePassword);
  } else if (attributes.subject != CsrAttributes::Subject::kUnsaid) {
    // Who knows templates passes over all else (section 4), and a template has
    // no place for a challengePassword without a value.
    list += TemplateOf(attributes);
  }
  return Element(kSequence, list);
}

}  // namespace masa::wire
