#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cms_algorithms.h"
#include "services/wire/der.h"
#include "services/wire/revocation.h"
#include "services/wire/x509_parts.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxOcspOctets = 64 * 1024;
constexpr size_t kMaxAnswers = 64;
constexpr size_t kMaxCertificates = 4;
constexpr unsigned kContext = CBS_ASN1_CONTEXT_SPECIFIC;
constexpr unsigned kConstructed = kContext | CBS_ASN1_CONSTRUCTED;
// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1; SHA-1, 1.3.14.3.2.26.
constexpr absl::string_view kBasic("\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 9);
constexpr absl::string_view kSha1("\x2b\x0e\x03\x02\x1a", 5);

absl::Status Malformed() {
  return Refuse(Reason::kMalformed, "this is not an OCSP response");
}

// The bits of the subject's public key, which certificate ids are made of.
absl::string_view KeyBits(const Certificate& certificate) {
  CBS spki = Cbs(certificate->spki_der), inner, bits;
  uint8_t unused;
  return CBS_get_asn1(&spki, &inner, CBS_ASN1_SEQUENCE) &&
                 CBS_get_asn1(&inner, nullptr, CBS_ASN1_SEQUENCE) &&
                 CBS_get_asn1(&inner, &bits, CBS_ASN1_BITSTRING) &&
                 CBS_get_u8(&bits, &unused)
             ? View(bits)
             : absl::string_view();
}

bool ReadCertId(CBS* single, OcspAnswer* answer) {
  CBS id, algorithm, oid, name, key, serial;
  if (!CBS_get_asn1(single, &id, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&id, &algorithm, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) ||
      !CBS_get_asn1(&id, &name, CBS_ASN1_OCTETSTRING) ||
      !CBS_get_asn1(&id, &key, CBS_ASN1_OCTETSTRING) ||
      !CBS_get_asn1(&id, &serial, CBS_ASN1_INTEGER)) {
    return false;
  }
  answer->sha1 = View(oid) == kSha1;
  answer->issuer_name_hash = std::string(View(name));
  answer->issuer_key_hash = std::string(View(key));
  answer->serial = std::string(View(serial));
  return answer->sha1 || DigestNamed(View(oid)) == Digest::kSha256;
}

bool ReadStatus(CBS* single, OcspAnswer* answer) {
  CBS passed;
  unsigned tag;
  if (!CBS_get_any_asn1(single, &passed, &tag)) {
    return false;
  }
  answer->status = tag == (kContext | 0)       ? OcspAnswer::Status::kGood
                   : tag == (kConstructed | 1) ? OcspAnswer::Status::kRevoked
                                               : OcspAnswer::Status::kUnknown;
  return true;
}

bool ReadAnswer(CBS single, OcspAnswer* answer) {
  CBS next;
  int has_next;
  absl::Time next_update;
  if (!ReadCertId(&single, answer) || !ReadStatus(&single, answer) ||
      !TakeX509Time(&single, &answer->this_update) ||
      !CBS_get_optional_asn1(&single, &next, &has_next, kConstructed | 0)) {
    return false;
  }
  if (has_next) {
    if (!TakeX509Time(&next, &next_update)) {
      return false;
    }
    answer->next_update = next_update;
  }
  return true;
}

bool ReadAnswers(CBS data, OcspResponse* response) {
  CBS passed, responses;
  unsigned tag;
  absl::Time produced_at;
  if (!CBS_get_optional_asn1(&data, nullptr, nullptr, kConstructed | 0) ||
      !CBS_get_any_asn1(&data, &passed, &tag) ||
      (tag != (kConstructed | 1) && tag != (kConstructed | 2)) ||
      !TakeX509Time(&data, &produced_at) ||
      !CBS_get_asn1(&data, &responses, CBS_ASN1_SEQUENCE)) {
    return false;
  }
  while (CBS_len(&responses) > 0) {
    CBS single;
    OcspAnswer answer;
    if (response->answers.size() == kMaxAnswers ||
        !CBS_get_asn1(&responses, &single, CBS_ASN1_SEQUENCE) ||
        !ReadAnswer(single, &answer)) {
      return false;
    }
    response->answers.push_back(std::move(answer));
  }
  return true;
}

absl::Status ReadCertificates(CBS* basic, OcspResponse* response) {
  CBS wrapped, list;
  int present;
  if (!CBS_get_optional_asn1(basic, &wrapped, &present, kConstructed | 0) ||
      (present && !CBS_get_asn1(&wrapped, &list, CBS_ASN1_SEQUENCE))) {
    return Malformed();
  }
  while (present && CBS_len(&list) > 0) {
    CBS element;
    if (response->certificates.size() == kMaxCertificates ||
        !CBS_get_asn1_element(&list, &element, CBS_ASN1_SEQUENCE)) {
      return Malformed();
    }
    MASA_ASSIGN_OR_RETURN(Certificate one, Certificate::Parse(View(element)));
    response->certificates.push_back(std::move(one));
  }
  return absl::OkStatus();
}

// The BasicOCSPResponse of an answer that was given.
bool TakeBasic(CBS input, CBS* basic) {
  CBS outer, status, wrapped, bytes, type, octets;
  return CBS_get_asn1(&input, &outer, CBS_ASN1_SEQUENCE) &&
         CBS_len(&input) == 0 &&
         CBS_get_asn1(&outer, &status, CBS_ASN1_ENUMERATED) &&
         View(status) == absl::string_view("\0", 1) &&
         CBS_get_asn1(&outer, &wrapped, kConstructed | 0) &&
         CBS_get_asn1(&wrapped, &bytes, CBS_ASN1_SEQUENCE) &&
         CBS_get_asn1(&bytes, &type, CBS_ASN1_OBJECT) && View(type) == kBasic &&
         CBS_get_asn1(&bytes, &octets, CBS_ASN1_OCTETSTRING) &&
         CBS_get_asn1(&octets, basic, CBS_ASN1_SEQUENCE) &&
         CBS_len(&octets) == 0;
}

}  // namespace

bool OcspAnswer::IsOf(const Certificate& certificate,
                      const Certificate& issuer) const {
  const auto hash = [this](absl::string_view octets) {
    return sha1 ? Sha1Of(octets)
                : std::string(DigestOf(Digest::kSha256, octets).view());
  };
  return serial == certificate->serial_der &&
         issuer_name_hash == hash(certificate->issuer_der) &&
         issuer_key_hash == hash(KeyBits(issuer));
}

absl::StatusOr<OcspResponse> ParseOcspResponse(absl::string_view der) {
  CBS basic, data, contents;
  OcspResponse response;
  if (der.size() > kMaxOcspOctets || !TakeBasic(Cbs(der), &basic) ||
      !CBS_get_asn1_element(&basic, &data, CBS_ASN1_SEQUENCE) ||
      !TakeX509Signature(&basic, View(data), &response.signature)) {
    return Malformed();
  }
  MASA_RETURN_IF_ERROR(ReadCertificates(&basic, &response));
  if (CBS_len(&basic) != 0 ||
      !CBS_get_asn1(&data, &contents, CBS_ASN1_SEQUENCE) ||
      !ReadAnswers(contents, &response)) {
    return Malformed();
  }
  return response;
}

std::string EncodeOcspRequest(const Certificate& certificate,
                              const Certificate& issuer) {
  const std::string algorithm =
      Element(kSequence, Element(kOid, kSha1) + std::string("\x05\x00", 2));
  const std::string id = Element(
      kSequence, algorithm +
                     Element(kOctetString, Sha1Of(certificate->issuer_der)) +
                     Element(kOctetString, Sha1Of(KeyBits(issuer))) +
                     Element(kInteger, certificate->serial_der));
  // OCSPRequest, TBSRequest, requestList, Request around the CertID.
  return Element(
      kSequence,
      Element(kSequence, Element(kSequence, Element(kSequence, id))));
}

}  // namespace masa::wire
