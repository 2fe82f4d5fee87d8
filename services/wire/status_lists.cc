#include "services/wire/status_lists.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/wire/cms_algorithms.h"
#include "services/wire/der.h"
#include "services/wire/revocation.h"
#include "services/wire/x509_parts.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

constexpr uint8_t kEnumerated = 0x0a;
constexpr uint8_t kKeyIdTag = 0x80;
constexpr uint8_t kGoodTag = 0x80;     // [0] IMPLICIT NULL
constexpr uint8_t kRevokedTag = 0xa1;  // [1]
constexpr uint8_t kByKeyTag = 0xa2;    // [2] of ResponderID
constexpr absl::string_view kVersion2("\x02\x01\x01", 3);
constexpr absl::string_view kCrlNumber("\x55\x1d\x14", 3);
constexpr absl::string_view kReasonCode("\x55\x1d\x15", 3);
constexpr absl::string_view kAuthorityKeyId("\x55\x1d\x23", 3);
constexpr absl::string_view kNull("\x05\x00", 2);
constexpr absl::string_view kSha1("\x2b\x0e\x03\x02\x1a", 5);
// id-pkix-ocsp-basic.
constexpr absl::string_view kBasic("\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 9);
constexpr unsigned kConstructed =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED;

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

std::string IntegerDer(uint64_t number) {
  std::string octets;
  do {
    octets.insert(octets.begin(), static_cast<char>(number & 0xff));
    number >>= 8;
  } while (number != 0);
  if ((octets[0] & 0x80) != 0) {
    octets.insert(octets.begin(), '\0');
  }
  return Element(kInteger, octets);
}

std::string EnumeratedDer(int value) {
  return Element(kEnumerated, std::string(1, static_cast<char>(value)));
}

std::string EntryDer(const RevokedCertificate& revoked) {
  std::string entry =
      Element(kInteger, revoked.serial) + X509TimeDer(revoked.at);
  if (revoked.reason != RevocationReason::kUnspecified) {
    AppendElement(kSequence,
                  ExtensionDer(kReasonCode, false,
                               EnumeratedDer(static_cast<int>(revoked.reason))),
                  &entry);
  }
  return Element(kSequence, entry);
}

// OCSP has no UTCTime.
std::string CertStatusDer(const std::optional<RevokedCertificate>& revoked) {
  if (!revoked) {
    return Element(kGoodTag, "");
  }
  std::string info = GeneralizedTimeDer(revoked->at);
  if (revoked->reason != RevocationReason::kUnspecified) {
    AppendElement(kContext0, EnumeratedDer(static_cast<int>(revoked->reason)),
                  &info);
  }
  return Element(kRevokedTag, info);
}

// Nothing, or NULL: parameters of one's own would be a way to many questions
// about one certificate.
bool AreNoParameters(CBS parameters) {
  return CBS_len(&parameters) == 0 || View(parameters) == kNull;
}

bool ReadCertId(absl::string_view der, OcspQuestion* question) {
  CBS input = Cbs(der), id, algorithm, oid, name, key, serial;
  if (!CBS_get_asn1(&input, &id, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&id, &algorithm, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) ||
      !AreNoParameters(algorithm) ||
      !CBS_get_asn1(&id, &name, CBS_ASN1_OCTETSTRING) ||
      !CBS_get_asn1(&id, &key, CBS_ASN1_OCTETSTRING) ||
      !CBS_get_asn1(&id, &serial, CBS_ASN1_INTEGER) || CBS_len(&id) != 0) {
    return false;
  }
  question->cert_id_der = std::string(der);
  question->sha1 = View(oid) == kSha1;
  question->issuer_name_hash = std::string(View(name));
  question->issuer_key_hash = std::string(View(key));
  question->serial = std::string(View(serial));
  return question->sha1 || DigestNamed(View(oid)) == Digest::kSha256;
}

}  // namespace

std::string EncodeTbsCrl(const CrlForm& form) {
  std::string contents(kVersion2);
  contents += X509AlgorithmDer(form.algorithm) + form.issuer_der +
              X509TimeDer(form.this_update) + X509TimeDer(form.next_update);
  if (!form.revoked.empty()) {
    std::string entries;
    for (const RevokedCertificate& revoked : form.revoked) {
      entries += EntryDer(revoked);
    }
    AppendElement(kSequence, entries, &contents);
  }
  const std::string extensions =
      ExtensionDer(
          kAuthorityKeyId, false,
          Element(kSequence, Element(kKeyIdTag, form.authority_key_id))) +
      ExtensionDer(kCrlNumber, false, IntegerDer(form.number));
  AppendElement(kContext0, Element(kSequence, extensions), &contents);
  return Element(kSequence, contents);
}

absl::Status CheckTbsCrl(absl::string_view tbs_der,
                         absl::string_view issuer_der,
                         SignatureAlgorithm algorithm) {
  const auto crl = ParseCrl(SignedDer(tbs_der, algorithm, "signature"));
  if (!crl.ok() || !crl->next_update || *crl->next_update <= crl->this_update ||
      crl->has_point) {
    return Malformed("that is no whole CRL with an end");
  }
  return issuer_der.empty() || crl->issuer_der == issuer_der
             ? absl::OkStatus()
             : Malformed("the CRL is of another issuer");
}

bool OcspQuestion::IsOfIssuer(absl::string_view name_der,
                              absl::string_view spki_der) const {
  const auto hash = [this](absl::string_view octets) {
    return sha1 ? Sha1Of(octets)
                : std::string(DigestOf(Digest::kSha256, octets).view());
  };
  return issuer_name_hash == hash(name_der) &&
         issuer_key_hash == hash(KeyBitsOf(spki_der));
}

absl::StatusOr<OcspQuestion> ParseOcspRequest(absl::string_view der) {
  constexpr size_t kMostOctets = 1024;
  CBS input = Cbs(der), whole, tbs, list, request, id;
  OcspQuestion question;
  if (der.size() > kMostOctets ||
      !CBS_get_asn1(&input, &whole, CBS_ASN1_SEQUENCE) ||
      CBS_len(&input) != 0 || !CBS_get_asn1(&whole, &tbs, CBS_ASN1_SEQUENCE) ||
      !CBS_get_optional_asn1(&tbs, nullptr, nullptr, kConstructed | 0) ||
      !CBS_get_optional_asn1(&tbs, nullptr, nullptr, kConstructed | 1) ||
      !CBS_get_asn1(&tbs, &list, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&list, &request, CBS_ASN1_SEQUENCE) ||
      CBS_len(&list) != 0 ||
      !CBS_get_asn1_element(&request, &id, CBS_ASN1_SEQUENCE) ||
      !ReadCertId(View(id), &question)) {
    return Malformed("this is no OCSP request about one certificate");
  }
  return question;
}

std::string UsualCertId(absl::string_view issuer_name_der,
                        absl::string_view issuer_spki_der,
                        absl::string_view serial) {
  return Element(kSequence,
                 Element(kSequence, Element(kOid, kSha1) + std::string(kNull)) +
                     Element(kOctetString, Sha1Of(issuer_name_der)) +
                     Element(kOctetString, Sha1Of(KeyBitsOf(issuer_spki_der))) +
                     Element(kInteger, serial));
}

std::string EncodeOcspData(const OcspForm& form) {
  const std::string responder = Element(
      kByKeyTag,
      Element(kOctetString, Sha1Of(KeyBitsOf(form.responder_spki_der))));
  const std::string answer =
      form.cert_id_der + CertStatusDer(form.revoked) +
      GeneralizedTimeDer(form.this_update) +
      Element(kContext0, GeneralizedTimeDer(form.next_update));
  return Element(kSequence, responder + GeneralizedTimeDer(form.this_update) +
                                Element(kSequence, Element(kSequence, answer)));
}

absl::Status CheckOcspData(absl::string_view data_der,
                           SignatureAlgorithm algorithm) {
  const auto response =
      ParseOcspResponse(EncodeOcspResponse(data_der, algorithm, "signature"));
  const bool is_one =
      response.ok() && response->answers.size() == 1 &&
      response->answers[0].status != OcspAnswer::Status::kUnknown &&
      response->answers[0].next_update;
  return is_one ? absl::OkStatus()
                : Malformed("that is no OCSP answer about one certificate");
}

std::string EncodeOcspResponse(absl::string_view data_der,
                               SignatureAlgorithm algorithm,
                               absl::string_view signature) {
  const std::string basic = SignedDer(data_der, algorithm, signature);
  if (basic.empty()) {
    return "";
  }
  const std::string bytes =
      Element(kSequence, Element(kOid, kBasic) + Element(kOctetString, basic));
  return Element(kSequence, EnumeratedDer(0) + Element(kContext0, bytes));
}

std::string EncodeOcspError(OcspError error) {
  return Element(kSequence, EnumeratedDer(static_cast<int>(error)));
}

}  // namespace masa::wire
