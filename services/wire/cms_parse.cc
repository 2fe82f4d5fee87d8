#include <optional>
#include <utility>

#include "openssl/err.h"
#include "openssl/mem.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cms.h"
#include "services/wire/cms_algorithms.h"
#include "services/wire/der.h"

// Declared in crypto/bytestring/internal.h of the pinned BoringSSL, which is
// linked statically; its headers for others leave it out.
extern "C" int CBS_asn1_ber_to_der(CBS* in, CBS* out, uint8_t** out_storage);

namespace masa::wire {
namespace {

constexpr size_t kMaxArtifactOctets = 64 * 1024;
constexpr size_t kMaxCertificates = 16;
constexpr size_t kMaxSigners = 4;

constexpr unsigned kExplicit0 =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
constexpr unsigned kExplicit1 =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 1;

absl::Status Malformed(absl::string_view message) {
  return Refuse(Reason::kMalformed, message);
}

absl::Status BadSignature(absl::string_view message) {
  return Refuse(Reason::kSignatureInvalid, message);
}

// The parts of a SignedData that a SignerInfo is read against.
struct Context {
  absl::string_view content_type;
  const SignedArtifact& artifact;
};

// The parts of a SignerInfo, as views.
struct RawSigner {
  CBS sid_contents;
  unsigned sid_tag = 0;
  absl::string_view digest_oid;
  std::optional<CBS> attributes;  // the whole element
  absl::string_view signature_oid;
  absl::string_view signature;
};

// Reads an AlgorithmIdentifier whose parameters are absent or, whatever they
// are, add nothing to the algorithms known here.
bool TakeAlgorithm(CBS* from, absl::string_view* oid_contents) {
  CBS algorithm, oid;
  if (!CBS_get_asn1(from, &algorithm, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) ||
      (CBS_len(&algorithm) > 0 &&
       !CBS_get_any_asn1_element(&algorithm, nullptr, nullptr, nullptr)) ||
      CBS_len(&algorithm) != 0) {
    return false;
  }
  *oid_contents = View(oid);
  return true;
}

// RFC 5652 section 5.3.
bool SplitSigner(CBS signer, RawSigner* raw) {
  uint64_t version;
  CBS attributes, signature;
  if (!CBS_get_asn1_uint64(&signer, &version) ||
      (version != 1 && version != 3) ||
      !CBS_get_any_asn1(&signer, &raw->sid_contents, &raw->sid_tag) ||
      !TakeAlgorithm(&signer, &raw->digest_oid)) {
    return false;
  }
  if (CBS_peek_asn1_tag(&signer, kExplicit0)) {
    if (!CBS_get_asn1_element(&signer, &attributes, kExplicit0)) {
      return false;
    }
    raw->attributes = attributes;
  }
  if (!TakeAlgorithm(&signer, &raw->signature_oid) ||
      !CBS_get_asn1(&signer, &signature, CBS_ASN1_OCTETSTRING) ||
      !CBS_get_optional_asn1(&signer, nullptr, nullptr, kExplicit1) ||
      CBS_len(&signer) != 0) {
    return false;
  }
  raw->signature = View(signature);
  return true;
}

// The indices of those that `holds` is true of.
template <typename Predicate>
std::vector<int> Those(const std::vector<Certificate>& certificates,
                       Predicate holds) {
  std::vector<int> indices;
  for (size_t i = 0; i < certificates.size(); ++i) {
    if (holds(certificates[i])) {
      indices.push_back(static_cast<int>(i));
    }
  }
  return indices;
}

// Both forms of RFC 5652 section 5.3 (CM-12). A key identifier may be that of a
// certificate and of the one that it was renewed with.
absl::Status FindSigner(const RawSigner& raw,
                        const std::vector<Certificate>& certificates,
                        SignerInfo* signer) {
  if (raw.sid_tag == (CBS_ASN1_CONTEXT_SPECIFIC | 0)) {
    SetCandidates(Those(certificates,
                        [&](const Certificate& one) {
                          return one->subject_key_id == View(raw.sid_contents);
                        }),
                  certificates, signer);
    return absl::OkStatus();
  }
  CBS sid = raw.sid_contents, issuer, serial;
  if (raw.sid_tag != CBS_ASN1_SEQUENCE ||
      !CBS_get_asn1_element(&sid, &issuer, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&sid, &serial, CBS_ASN1_INTEGER) || CBS_len(&sid) != 0) {
    return Malformed("the signer identifier does not parse");
  }
  SetCandidates(Those(certificates,
                      [&](const Certificate& one) {
                        return one->issuer_der == View(issuer) &&
                               one->serial_der == View(serial);
                      }),
                certificates, signer);
  return absl::OkStatus();
}

// The two attributes that RFC 5652 section 11 demands: exactly one value each.
struct DemandedAttributes {
  std::optional<absl::string_view> content_type;
  std::optional<absl::string_view> message_digest;
};

// Remembers `value` unless there was one, which is refused.
bool Keep(CBS values, unsigned tag, std::optional<absl::string_view>* kept) {
  CBS value;
  if (kept->has_value() || !CBS_get_asn1(&values, &value, tag) ||
      CBS_len(&values) != 0) {
    return false;
  }
  *kept = View(value);
  return true;
}

absl::StatusOr<DemandedAttributes> ReadAttributes(CBS element) {
  DemandedAttributes demanded;
  CBS attributes;
  if (!CBS_get_asn1(&element, &attributes, kExplicit0)) {
    return Malformed("the signed attributes do not parse");
  }
  while (CBS_len(&attributes) > 0) {
    CBS attribute, type, values;
    if (!CBS_get_asn1(&attributes, &attribute, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&attribute, &type, CBS_ASN1_OBJECT) ||
        !CBS_get_asn1(&attribute, &values, CBS_ASN1_SET) ||
        CBS_len(&attribute) != 0) {
      return Malformed("the signed attributes do not parse");
    }
    if (View(type) == kOidContentType &&
        !Keep(values, CBS_ASN1_OBJECT, &demanded.content_type)) {
      return BadSignature("the content-type attribute is not one value");
    }
    if (View(type) == kOidMessageDigest &&
        !Keep(values, CBS_ASN1_OCTETSTRING, &demanded.message_digest)) {
      return BadSignature("the message-digest attribute is not one value");
    }
  }
  return demanded;
}

// The octets that a signature over `attributes` covers: the same, tagged as
// the SET OF that they are (RFC 5652 section 5.4).
std::string Retagged(const CBS& attributes) {
  std::string octets(View(attributes));
  octets[0] = static_cast<char>(kSet);
  return octets;
}

absl::StatusOr<SignerInfo> ReadSigner(CBS element, const Context& context) {
  RawSigner raw;
  if (!SplitSigner(element, &raw)) {
    return Malformed("a SignerInfo does not parse");
  }
  SignerInfo signer;
  MASA_RETURN_IF_ERROR(FindSigner(raw, context.artifact.certificates, &signer));
  if (!raw.attributes) {
    // Without them, signed attributes of another message could be passed off
    // as content (RFC 5652 section 14).
    return Refuse(Reason::kNotSigned, "there are no signed attributes");
  }
  const std::optional<Digest> digest = DigestNamed(raw.digest_oid);
  if (!digest) {
    return BadSignature("the digest algorithm is not SHA-256, -384 or -512");
  }
  const auto algorithm = SignatureNamed(raw.signature_oid, *digest);
  if (!algorithm) {
    return BadSignature("the signature algorithm is not supported");
  }
  MASA_ASSIGN_OR_RETURN(const DemandedAttributes demanded,
                        ReadAttributes(*raw.attributes));
  if (demanded.content_type != context.content_type) {
    return BadSignature("the content-type attribute is not the content's type");
  }
  if (demanded.message_digest !=
      DigestOf(*digest, context.artifact.payload).view()) {
    return BadSignature("the message-digest attribute is not the content's");
  }
  signer.algorithm = *algorithm;
  signer.signed_octets = Retagged(*raw.attributes);
  signer.signature = std::string(raw.signature);
  return signer;
}

absl::Status ReadContent(CBS* signed_data, absl::string_view* content_type,
                         SignedArtifact* artifact) {
  CBS encapsulated, type, wrapped, content;
  if (!CBS_get_asn1(signed_data, &encapsulated, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&encapsulated, &type, CBS_ASN1_OBJECT)) {
    return Malformed("the encapsulated content does not parse");
  }
  if (CBS_len(&encapsulated) == 0) {
    return Malformed("the content is detached");
  }
  if (!CBS_get_asn1(&encapsulated, &wrapped, kExplicit0) ||
      !CBS_get_asn1(&wrapped, &content, CBS_ASN1_OCTETSTRING) ||
      CBS_len(&wrapped) != 0 || CBS_len(&encapsulated) != 0) {
    return Malformed("the encapsulated content does not parse");
  }
  *content_type = View(type);
  if (*content_type != kOidAnimaJsonVoucher && *content_type != kOidData) {
    return Malformed("the content type is not a voucher's");
  }
  artifact->payload = std::string(View(content));
  return absl::OkStatus();
}

// CertificateSet of RFC 5652 section 10.2.3; other choices are passed over.
absl::Status ReadCertificates(CBS* signed_data, SignedArtifact* artifact) {
  CBS set;
  int present;
  if (!CBS_get_optional_asn1(signed_data, &set, &present, kExplicit0)) {
    return Malformed("the certificates do not parse");
  }
  for (size_t count = 0; present && CBS_len(&set) > 0; ++count) {
    CBS element;
    unsigned tag;
    if (count == kMaxCertificates ||
        !CBS_get_any_asn1_element(&set, &element, &tag, nullptr)) {
      return Malformed("the certificates do not parse or are more than 16");
    }
    if (tag != CBS_ASN1_SEQUENCE) {
      continue;
    }
    auto certificate = Certificate::Parse(View(element));
    if (!certificate.ok()) {
      return Malformed("an enclosed certificate does not parse");
    }
    artifact->certificates.push_back(*std::move(certificate));
  }
  return absl::OkStatus();
}

// OtherRevocationInfoFormat of RFC 5652 section 10.2.1, for OCSP as RFC 5940
// has it: id-ri-ocsp-response, 1.3.6.1.5.5.7.16.2.
void ReadOtherEvidence(CBS other, RevocationEvidence* evidence) {
  constexpr absl::string_view kOcspResponse("\x2b\x06\x01\x05\x05\x07\x10\x02",
                                            8);
  CBS id, response;
  if (CBS_get_asn1(&other, &id, CBS_ASN1_OBJECT) && View(id) == kOcspResponse &&
      CBS_get_asn1_element(&other, &response, CBS_ASN1_SEQUENCE)) {
    evidence->ocsp_responses_der.emplace_back(View(response));
  }
}

// RevocationInfoChoices; other choices are passed over.
absl::Status ReadEvidence(CBS* signed_data, RevocationEvidence* evidence) {
  constexpr size_t kMost = 8;
  CBS set;
  int present;
  if (!CBS_get_optional_asn1(signed_data, &set, &present, kExplicit1)) {
    return Malformed("the revocation lists do not parse");
  }
  for (size_t count = 0; present && CBS_len(&set) > 0; ++count) {
    CBS element, contents;
    unsigned tag;
    size_t header;
    if (count == kMost ||
        !CBS_get_any_asn1_element(&set, &element, &tag, &header)) {
      return Malformed("the revocation lists do not parse or are more than 8");
    }
    if (tag == CBS_ASN1_SEQUENCE) {
      evidence->crls_der.emplace_back(View(element));
    } else if (tag == kExplicit1) {
      contents = element;
      CBS_skip(&contents, header);
      ReadOtherEvidence(contents, evidence);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadSigners(CBS* signed_data, absl::string_view content_type,
                         SignedArtifact* artifact) {
  CBS set;
  if (!CBS_get_asn1(signed_data, &set, CBS_ASN1_SET) ||
      CBS_len(signed_data) != 0) {
    return Malformed("the signers do not parse");
  }
  while (CBS_len(&set) > 0) {
    CBS element;
    if (artifact->signers.size() == kMaxSigners ||
        !CBS_get_asn1(&set, &element, CBS_ASN1_SEQUENCE)) {
      return Malformed("the signers do not parse or are more than 4");
    }
    MASA_ASSIGN_OR_RETURN(SignerInfo signer,
                          ReadSigner(element, {content_type, *artifact}));
    artifact->signers.push_back(std::move(signer));
  }
  return artifact->signers.empty()
             ? Refuse(Reason::kNotSigned, "there is no signer")
             : absl::OkStatus();
}

absl::StatusOr<SignedArtifact> ReadSignedData(CBS signed_data) {
  SignedArtifact artifact;
  artifact.format = masa::v1::FORMAT_CMS_JSON;
  uint64_t version;
  if (!CBS_get_asn1_uint64(&signed_data, &version) ||
      (version != 1 && version != 3) ||
      !CBS_get_asn1(&signed_data, nullptr, CBS_ASN1_SET)) {
    return Malformed("this is not a SignedData of version 1 or 3");
  }
  absl::string_view content_type;
  MASA_RETURN_IF_ERROR(ReadContent(&signed_data, &content_type, &artifact));
  MASA_RETURN_IF_ERROR(ReadCertificates(&signed_data, &artifact));
  MASA_RETURN_IF_ERROR(ReadEvidence(&signed_data, &artifact.evidence));
  MASA_RETURN_IF_ERROR(ReadSigners(&signed_data, content_type, &artifact));
  return artifact;
}

absl::StatusOr<SignedArtifact> ReadContentInfo(CBS der) {
  CBS info, type, wrapped, signed_data;
  if (!CBS_get_asn1(&der, &info, CBS_ASN1_SEQUENCE) || CBS_len(&der) != 0 ||
      !CBS_get_asn1(&info, &type, CBS_ASN1_OBJECT) ||
      View(type) != kOidSignedData ||
      !CBS_get_asn1(&info, &wrapped, kExplicit0) || CBS_len(&info) != 0 ||
      !CBS_get_asn1(&wrapped, &signed_data, CBS_ASN1_SEQUENCE) ||
      CBS_len(&wrapped) != 0) {
    return Malformed("this is not one CMS SignedData");
  }
  return ReadSignedData(signed_data);
}

}  // namespace

absl::StatusOr<SignedArtifact> ParseCms(absl::string_view ber) {
  if (ber.empty() || ber.size() > kMaxArtifactOctets) {
    return Malformed("the artifact is empty or larger than 64 KiB");
  }
  // Nearly all is DER, which need not be searched for what is not.
  absl::StatusOr<SignedArtifact> read = ReadContentInfo(Cbs(ber));
  if (read.ok()) {
    return read;
  }
  CBS input = Cbs(ber), der;
  uint8_t* storage = nullptr;
  const bool readable = CBS_asn1_ber_to_der(&input, &der, &storage) == 1;
  const bssl::UniquePtr<uint8_t> owned(storage);
  ERR_clear_error();
  if (!readable || CBS_len(&input) != 0) {
    return Malformed("this is not one CMS SignedData");
  }
  return storage == nullptr ? std::move(read) : ReadContentInfo(der);
}

}  // namespace masa::wire
