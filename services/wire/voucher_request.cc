#include "services/wire/voucher_request.h"

#include <cstdint>
#include <utility>

#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/cms.h"
#include "services/wire/der.h"
#include "services/wire/json_reader.h"
#include "services/wire/jws.h"
#include "services/wire/nonce.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxJsonOctets = 64 * 1024;
constexpr size_t kMaxKeyIdOctets = 64;

absl::Status Malformed(absl::string_view message) {
  return Refuse(Reason::kMalformed, message);
}

absl::StatusOr<TopKey> TopKeyNamed(absl::string_view name) {
  // The prm name is an older draft's, still in its examples (VL-11).
  if (name == "ietf-voucher-request:voucher" ||
      name == "ietf-voucher-request-prm:voucher") {
    return TopKey::kVoucherRequest;
  }
  if (name == "ietf-voucher:voucher") {
    return TopKey::kVoucher;
  }
  return Malformed("the content is neither a voucher nor a voucher-request");
}

// The text of a leaf, nothing when absent; refused when it is no string.
absl::StatusOr<std::optional<std::string>> Text(const JsonEnvelope& envelope,
                                                absl::string_view name) {
  const auto leaf = envelope.leaves.find(std::string(name));
  if (leaf == envelope.leaves.end()) {
    return std::optional<std::string>();
  }
  if (!leaf->second.is_string) {
    return Malformed(std::string(name) + " is not a string");
  }
  return std::optional<std::string>(leaf->second.text);
}

absl::StatusOr<std::optional<std::string>> Octets(const JsonEnvelope& envelope,
                                                  absl::string_view name) {
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> text,
                        Text(envelope, name));
  if (!text) {
    return std::optional<std::string>();
  }
  std::optional<std::string> octets = DecodeBase64(*text);
  if (!octets || octets->empty()) {
    return Malformed(std::string(name) + " is not base64");
  }
  return octets;
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

absl::Status ReadNames(const JsonEnvelope& envelope,
                       VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> serial,
                        Text(envelope, "serial-number"));
  if (!serial || serial->empty() || serial->find('\0') != std::string::npos) {
    return Malformed("serial-number is not one non-empty string");
  }
  leaves->serial_number = *serial;
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> issuer,
                        Octets(envelope, "idevid-issuer"));
  if (issuer) {
    leaves->idevid_issuer = KeyIdOf(*issuer);
    if (!leaves->idevid_issuer || leaves->idevid_issuer->empty() ||
        leaves->idevid_issuer->size() > kMaxKeyIdOctets) {
      return Malformed("idevid-issuer is not an authority key identifier");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadFreshness(const JsonEnvelope& envelope,
                           VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(leaves->nonce, Text(envelope, "nonce"));
  if (leaves->nonce && !IsNonce(*leaves->nonce)) {
    return Malformed("nonce is not 8 to 32 octets");
  }
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> created,
                        Text(envelope, "created-on"));
  if (created) {
    leaves->created_on = ParseRfc3339(*created);
    if (!leaves->created_on) {
      return Malformed("created-on is not a date and time of RFC 3339");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadEvidence(const JsonEnvelope& envelope,
                          VoucherRequestLeaves* leaves) {
  MASA_ASSIGN_OR_RETURN(const std::optional<std::string> assertion,
                        Text(envelope, "assertion"));
  if (assertion) {
    // A name of a later version says nothing here (RV-21).
    const masa::v1::Assertion named = AssertionNamed(*assertion);
    if (named != masa::v1::ASSERTION_UNSPECIFIED) {
      leaves->assertion = named;
    }
  }
  MASA_ASSIGN_OR_RETURN(leaves->prior_signed_voucher_request,
                        Octets(envelope, "prior-signed-voucher-request"));
  MASA_ASSIGN_OR_RETURN(leaves->proximity_registrar_cert_der,
                        Octets(envelope, "proximity-registrar-cert"));
  return absl::OkStatus();
}

absl::StatusOr<SignedArtifact> ParseArtifact(masa::v1::Format format,
                                             absl::string_view body) {
  switch (format) {
    case masa::v1::FORMAT_CMS_JSON:
      return ParseCms(body);
    case masa::v1::FORMAT_JWS_JSON:
      return ParseJws(body);
    default:
      return Refuse(Reason::kMediaTypeUnknown,
                    "requests of this format are not read here");
  }
}

}  // namespace

absl::StatusOr<VoucherRequestLeaves> ParseVoucherRequestJson(
    absl::string_view json) {
  if (json.size() > kMaxJsonOctets) {
    return Malformed("the content is larger than 64 KiB");
  }
  MASA_ASSIGN_OR_RETURN(const JsonEnvelope envelope, ReadJsonEnvelope(json));
  VoucherRequestLeaves leaves;
  MASA_ASSIGN_OR_RETURN(leaves.top_key, TopKeyNamed(envelope.top_key));
  MASA_RETURN_IF_ERROR(ReadNames(envelope, &leaves));
  MASA_RETURN_IF_ERROR(ReadFreshness(envelope, &leaves));
  MASA_RETURN_IF_ERROR(ReadEvidence(envelope, &leaves));
  return leaves;
}

absl::StatusOr<VoucherRequest> ParseVoucherRequest(masa::v1::Format format,
                                                   absl::string_view body) {
  VoucherRequest request;
  MASA_ASSIGN_OR_RETURN(request.artifact, ParseArtifact(format, body));
  MASA_ASSIGN_OR_RETURN(request.leaves,
                        ParseVoucherRequestJson(request.artifact.payload));
  request.digest.resize(SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const uint8_t*>(body.data()), body.size(),
         reinterpret_cast<uint8_t*>(request.digest.data()));
  return request;
}

}  // namespace masa::wire
