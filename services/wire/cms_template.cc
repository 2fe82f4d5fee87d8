#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cms.h"
#include "services/wire/cms_algorithms.h"
#include "services/wire/der.h"
#include "services/wire/rfc3339.h"

namespace masa::wire {
namespace {

constexpr size_t kVersionOctets = 3;

std::string Attribute(absl::string_view oid, absl::string_view value_der) {
  return Element(kSequence, Element(kOid, oid) + Element(kSet, value_der));
}

// CertificateSet, IMPLICIT [0]: in DER a SET OF stands sorted (CM-01).
std::string CertificateSet(std::vector<std::string> chain_der) {
  std::sort(chain_der.begin(), chain_der.end());
  std::string contents;
  for (const std::string& der : chain_der) {
    contents += der;
  }
  return Element(kContext0, contents);
}

void Append(absl::string_view octets, std::string* out) {
  out->append(octets.data(), octets.size());
}

}  // namespace

absl::StatusOr<CmsTemplate> CmsTemplate::Create(
    const std::vector<std::string>& chain_der, SignatureAlgorithm algorithm,
    bool id_data) {
  if (chain_der.empty()) {
    return Refuse(Reason::kCertMalformed, "the signer's chain is empty");
  }
  for (const std::string& der : chain_der) {
    MASA_RETURN_IF_ERROR(Certificate::Parse(der).status());
  }
  MASA_ASSIGN_OR_RETURN(const Certificate signer,
                        Certificate::Parse(chain_der.front()));
  const absl::string_view content_type =
      id_data ? kOidData : kOidAnimaJsonVoucher;
  CmsTemplate made;
  made.algorithm_ = algorithm;
  // RFC 5652 section 5.1 (CM-05).
  made.version_ = id_data ? 1 : 3;
  made.content_oid_der_ = Element(kOid, content_type);
  made.certificates_der_ = CertificateSet(chain_der);
  made.signer_identifier_der_ = Element(
      kSequence, signer->issuer_der + Element(kInteger, signer->serial_der));
  made.digest_algorithm_der_ = DigestAlgorithmDer(DigestFor(algorithm));
  made.signature_algorithm_der_ = SignatureAlgorithmDer(algorithm);
  made.fixed_attributes_der_ =
      Attribute(kOidContentType, made.content_oid_der_);
  return made;
}

std::string CmsTemplate::EncodeSignedAttributes(absl::string_view content,
                                                absl::Time signing_time) const {
  std::string time;
  AppendAsn1Time(signing_time, &time);
  const DigestValue digest = DigestOf(DigestFor(algorithm_), content);
  const size_t time_set = ElementSize(time.size());
  const size_t time_attribute = ElementSize(kOidSigningTime.size()) + time_set;
  const size_t digest_set = ElementSize(ElementSize(digest.size));
  const size_t digest_attribute =
      ElementSize(kOidMessageDigest.size()) + digest_set;
  const size_t length = fixed_attributes_der_.size() +
                        ElementSize(time_attribute) +
                        ElementSize(digest_attribute);
  std::string out;
  out.reserve(ElementSize(length));
  // Content type, time, digest: their lengths grow in this order whatever the
  // parameters, so this is the order of DER (CM-07).
  AppendHeader(kSet, length, &out);
  out += fixed_attributes_der_;
  AppendHeader(kSequence, time_attribute, &out);
  AppendElement(kOid, kOidSigningTime, &out);
  AppendElement(kSet, time, &out);
  AppendHeader(kSequence, digest_attribute, &out);
  AppendElement(kOid, kOidMessageDigest, &out);
  AppendHeader(kSet, ElementSize(digest.size), &out);
  AppendElement(kOctetString, digest.view(), &out);
  return out;
}

std::string CmsTemplate::EncodeSigner(absl::string_view signed_attributes,
                                      absl::string_view signature) const {
  std::string out;
  out.reserve(kVersionOctets + signer_identifier_der_.size() +
              digest_algorithm_der_.size() + signed_attributes.size() +
              signature_algorithm_der_.size() + ElementSize(signature.size()));
  // issuerAndSerialNumber makes it version 1 (RFC 5652 section 5.3).
  Append("\x02\x01\x01", &out);
  out += signer_identifier_der_;
  out += digest_algorithm_der_;
  // IMPLICIT [0] in the artifact, SET OF under the signature.
  out.push_back(static_cast<char>(kContext0));
  Append(signed_attributes.substr(1), &out);
  out += signature_algorithm_der_;
  AppendElement(kOctetString, signature, &out);
  return out;
}

std::string CmsTemplate::Finish(absl::string_view content,
                                absl::string_view signed_attributes,
                                absl::string_view signature) const {
  const std::string signer = EncodeSigner(signed_attributes, signature);
  const size_t octets = ElementSize(content.size());
  const size_t encapsulated = content_oid_der_.size() + ElementSize(octets);
  const size_t signed_data =
      kVersionOctets + ElementSize(digest_algorithm_der_.size()) +
      ElementSize(encapsulated) + certificates_der_.size() +
      ElementSize(ElementSize(signer.size()));
  const size_t info = ElementSize(kOidSignedData.size()) +
                      ElementSize(ElementSize(signed_data));
  std::string out;
  out.reserve(ElementSize(info));
  AppendHeader(kSequence, info, &out);
  AppendElement(kOid, kOidSignedData, &out);
  AppendHeader(kContext0, ElementSize(signed_data), &out);
  AppendHeader(kSequence, signed_data, &out);
  Append(version_ == 1 ? "\x02\x01\x01" : "\x02\x01\x03", &out);
  AppendElement(kSet, digest_algorithm_der_, &out);
  AppendHeader(kSequence, encapsulated, &out);
  out += content_oid_der_;
  AppendHeader(kContext0, octets, &out);
  AppendElement(kOctetString, content, &out);
  out += certificates_der_;
  AppendHeader(kSet, ElementSize(signer.size()), &out);
  AppendElement(kSequence, signer, &out);
  return out;
}

}  // namespace masa::wire
