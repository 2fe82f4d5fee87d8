#include "services/wire/voucher_request.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "openssl/evp.h"
#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
#include "services/wire/der.h"
#include "services/wire/drafts.h"
#include "services/wire/jws.h"
#include "services/wire/leaf_set.h"
#include "services/wire/nonce.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxContentOctets = 64 * 1024;
constexpr size_t kMaxKeyIdOctets = 64;

absl::Status Malformed(absl::string_view message) {
  return Refuse(Reason::kMalformed, message);
}

absl::StatusOr<TopKey> TopKeyNamed(absl::string_view name) {
  const Drafts& drafts = CurrentDrafts();
  if (name == drafts.request_key || name == drafts.old_request_key) {
    return TopKey::kVoucherRequest;
  }
  if (name == drafts.voucher_key) {
    return TopKey::kVoucher;
  }
  return Malformed("the content is neither a voucher nor a voucher-request");
}

// RFC 7250 section 3, CO-15: not a bare point.
bool IsPublicKeyInfo(const std::string& der) {
  CBS input = Cbs(der);
  const bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&input));
  return key != nullptr && CBS_len(&input) == 0;
}

// The keyIdentifier of an AuthorityKeyIdentifier SEQUENCE that is all of
// `octets`.
std::optional<std::string> KeyIdOfSequence(absl::string_view octets) {
  CBS input = Cbs(octets), sequence, key_id;
  if (!CBS_get_asn1(&input, &sequence, CBS_ASN1_SEQUENCE) ||
      CBS_len(&input) != 0 ||
      !CBS_get_asn1(&sequence, &key_id, CBS_ASN1_CONTEXT_SPECIFIC | 0)) {
    return std::nullopt;
  }
  return std::string(View(key_id));
}

// The keyIdentifier in any of the encodings that peers send (RV-15).
std::optional<std::string> KeyIdOf(absl::string_view octets) {
  constexpr size_t kSha1Octets = 20, kSha256Octets = 32;
  if (auto key_id = KeyIdOfSequence(octets)) {
    return key_id;
  }
  CBS input = Cbs(octets), inner;
  if (CBS_get_asn1(&input, &inner, CBS_ASN1_OCTETSTRING) &&
      CBS_len(&input) == 0) {
    if (auto key_id = KeyIdOfSequence(View(inner))) {
      return key_id;
    }
    // Twenty octets that look like a shorter octet string are a hash by chance.
    if (octets.size() != kSha1Octets) {
      return std::string(View(inner));
    }
  }
  if (octets.size() == kSha1Octets || octets.size() == kSha256Octets) {
    return std::string(octets);
  }
  return std::nullopt;
}

absl::Status ReadNames(const LeafSet& set, VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(const MaybeText serial, TextLeaf(set, "serial-number"));
  if (!serial || serial->empty() || serial->find('\0') != std::string::npos) {
    return Malformed("serial-number is not one non-empty string");
  }
  leaves->serial_number = *serial;
  MASA_ASSIGN_OR_RETURN(const MaybeText issuer,
                        OctetsLeaf(set, "idevid-issuer"));
  if (issuer) {
    leaves->idevid_issuer = KeyIdOf(*issuer);
    if (!leaves->idevid_issuer || leaves->idevid_issuer->empty() ||
        leaves->idevid_issuer->size() > kMaxKeyIdOctets) {
      return Malformed("idevid-issuer is not an authority key identifier");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadFreshness(const LeafSet& set, VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(leaves->nonce, NonceLeaf(set));
  if (leaves->nonce && !IsNonce(*leaves->nonce)) {
    return Malformed("nonce is not 8 to 32 octets");
  }
  MASA_ASSIGN_OR_RETURN(const MaybeText created, TextLeaf(set, "created-on"));
  if (created) {
    leaves->created_on = ParseRfc3339(*created);
    if (!leaves->created_on) {
      return Malformed("created-on is not a date and time of RFC 3339");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadEvidence(const LeafSet& set, VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(const masa::v1::Assertion assertion,
                        AssertionLeaf(set));
  if (assertion != masa::v1::ASSERTION_UNSPECIFIED) {
    leaves->assertion = assertion;
  }
  MASA_ASSIGN_OR_RETURN(leaves->prior_signed_voucher_request,
                        OctetsLeaf(set, "prior-signed-voucher-request"));
  MASA_ASSIGN_OR_RETURN(leaves->proximity_registrar_cert_der,
                        OctetsLeaf(set, "proximity-registrar-cert"));
  MASA_ASSIGN_OR_RETURN(leaves->proximity_registrar_pubk_der,
                        OctetsLeaf(set, "proximity-registrar-pubk"));
  MASA_ASSIGN_OR_RETURN(leaves->proximity_registrar_pubk_sha256,
                        OctetsLeaf(set, "proximity-registrar-pubk-sha256"));
  if (leaves->proximity_registrar_pubk_sha256 &&
      leaves->proximity_registrar_pubk_sha256->size() != SHA256_DIGEST_LENGTH) {
    return Malformed("proximity-registrar-pubk-sha256 is not of 32 octets");
  }
  if (leaves->proximity_registrar_pubk_der &&
      !IsPublicKeyInfo(*leaves->proximity_registrar_pubk_der)) {
    return Malformed("proximity-registrar-pubk is not a SubjectPublicKeyInfo");
  }
  return absl::OkStatus();
}

absl::Status ReadAgent(const LeafSet& set, VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(
      leaves->agent_provided_proximity_registrar_cert_der,
      OctetsLeaf(set, "agent-provided-proximity-registrar-cert"));
  MASA_ASSIGN_OR_RETURN(leaves->agent_sign_certs_der,
                        OctetsListLeaf(set, "agent-sign-cert"));
  MASA_ASSIGN_OR_RETURN(leaves->agent_signed_data,
                        OctetsLeaf(set, "agent-signed-data"));
  return absl::OkStatus();
}

absl::StatusOr<SignedArtifact> ParseArtifact(masa::v1::Format format,
                                             absl::string_view body) {
  switch (format) {
    case masa::v1::FORMAT_CMS_JSON:
      return ParseCms(body);
    case masa::v1::FORMAT_JWS_JSON:
      return ParseJws(body);
    case masa::v1::FORMAT_COSE_CBOR:
      return ParseCose(body);
    default:
      return Refuse(Reason::kMediaTypeUnknown,
                    "requests of this format are not read here");
  }
}

// What of a signature nobody but the signer can change: of an ECDSA signature
// r, since s may be turned around.
absl::string_view FirmPartOf(absl::string_view signature) {
  CBS whole = Cbs(signature), numbers, r;
  return CBS_get_asn1(&whole, &numbers, CBS_ASN1_SEQUENCE) &&
                 CBS_get_asn1(&numbers, &r, CBS_ASN1_INTEGER)
             ? View(r)
             : signature;
}

std::string Sha256Of(absl::string_view octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace

std::string DigestOfContent(const VoucherRequest& request) {
  const SignedArtifact& artifact = request.artifact;
  return request.leaves.nonce
             ? Sha256Of(artifact.payload)
             : Sha256Of(absl::StrCat(
                   artifact.payload,
                   FirmPartOf(artifact.signers.front().signature)));
}

absl::StatusOr<VoucherRequestLeaves> ParseVoucherRequestContent(
    masa::v1::Format format, absl::string_view content) {
  if (content.size() > kMaxContentOctets) {
    return Malformed("the content is larger than 64 KiB");
  }
  MASA_ASSIGN_OR_RETURN(const LeafSet set, format == masa::v1::FORMAT_COSE_CBOR
                                               ? ReadCborLeaves(content)
                                               : ReadJsonLeaves(content));
  VoucherRequestLeaves leaves;
  MASA_ASSIGN_OR_RETURN(leaves.top_key, TopKeyNamed(set.top_key));
  MASA_RETURN_IF_ERROR(ReadNames(set, &leaves));
  MASA_RETURN_IF_ERROR(ReadFreshness(set, &leaves));
  MASA_RETURN_IF_ERROR(ReadEvidence(set, &leaves));
  MASA_RETURN_IF_ERROR(ReadAgent(set, &leaves));
  return leaves;
}

absl::StatusOr<VoucherRequest> ParseInnerRequest(masa::v1::Format format,
                                                 absl::string_view body) {
  VoucherRequest request;
  MASA_ASSIGN_OR_RETURN(request.artifact, ParseArtifact(format, body));
  MASA_ASSIGN_OR_RETURN(request.leaves, ParseVoucherRequestContent(
                                            format, request.artifact.payload));
  return request;
}

absl::StatusOr<VoucherRequest> ParseVoucherRequest(masa::v1::Format format,
                                                   absl::string_view body) {
  MASA_ASSIGN_OR_RETURN(VoucherRequest request,
                        ParseInnerRequest(format, body));
  request.digest = Sha256Of(body);
  return request;
}

masa::v1::Format LooksLike(absl::string_view body) {
  constexpr char kSequence = '\x30', kCoseTag = '\xD2', kArrayOfFour = '\x84';
  if (body.empty()) {
    return masa::v1::FORMAT_UNSPECIFIED;
  }
  switch (body.front()) {
    case kSequence:
      return masa::v1::FORMAT_CMS_JSON;
    case '{':
      return masa::v1::FORMAT_JWS_JSON;
    case kCoseTag:
    case kArrayOfFour:
      return masa::v1::FORMAT_COSE_CBOR;
    default:
      return masa::v1::FORMAT_UNSPECIFIED;
  }
}

}  // namespace masa::wire
