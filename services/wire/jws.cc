#include "services/wire/jws.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/drafts.h"
#include "services/wire/ecdsa_numbers.h"
#include "services/wire/jws_json.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxArtifactOctets = 64 * 1024;
constexpr size_t kMaxCertificates = 16;
constexpr size_t kMaxSigners = 4;

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

absl::Status BadSignature(absl::string_view what) {
  return Refuse(Reason::kSignatureInvalid, what);
}

// RFC 7518 section 3.1; `octets` of a raw ECDSA or Ed25519 signature, 0 for
// RSA.
struct Algorithm {
  absl::string_view name;
  SignatureAlgorithm algorithm;
  size_t octets;
  bool is_ecdsa;
};

constexpr Algorithm kAlgorithms[] = {
    {"ES256", SignatureAlgorithm::kEcdsaP256Sha256, 64, true},
    {"ES384", SignatureAlgorithm::kEcdsaP384Sha384, 96, true},
    {"EdDSA", SignatureAlgorithm::kEd25519, 64, false},
    {"RS256", SignatureAlgorithm::kRsaPkcs1Sha256, 0, false},
    {"RS384", SignatureAlgorithm::kRsaPkcs1Sha384, 0, false},
    {"RS512", SignatureAlgorithm::kRsaPkcs1Sha512, 0, false},
};

const Algorithm* AlgorithmNamed(absl::string_view name) {
  for (const Algorithm& known : kAlgorithms) {
    if (known.name == name) {
      return &known;
    }
  }
  return nullptr;
}

absl::Status CheckHeader(const JwsHeader& header) {
  if (!header.alg || AlgorithmNamed(*header.alg) == nullptr) {
    return Refuse(Reason::kNotSigned,
                  "the protected header names no signature algorithm that is "
                  "accepted here");
  }
  if (header.typ && *header.typ != CurrentDrafts().jws_type) {
    return BadSignature("typ of the protected header is not voucher-jws+json");
  }
  if (header.has_crit) {
    return BadSignature("the protected header has critical extensions");
  }
  return absl::OkStatus();
}

// JW-10: no parameter stands in both headers, and crit is integrity protected
// (RFC 7515 sections 4.1.11 and 5.2, step 4).
absl::Status CheckUnprotected(const std::vector<std::string>& names,
                              absl::string_view header_json) {
  if (!names.empty() && HasMember(header_json, names)) {
    return Malformed(
        "a parameter is in the protected and in the unprotected "
        "header");
  }
  return std::find(names.begin(), names.end(), "crit") == names.end()
             ? absl::OkStatus()
             : BadSignature("the unprotected header has critical extensions");
}

// Adds what is not there yet; the index of the first, the signer's.
absl::StatusOr<int> AddCertificates(const std::vector<std::string>& x5c,
                                    std::vector<Certificate>* certificates) {
  int signer = -1;
  for (const std::string& text : x5c) {
    const auto der = DecodeBase64(text);
    if (!der) {
      return Malformed("an entry of x5c is not standard base64");
    }
    int index = -1;
    for (size_t i = 0; i < certificates->size(); ++i) {
      index = (*certificates)[i]->der == *der ? static_cast<int>(i) : index;
    }
    if (index < 0) {
      if (certificates->size() == kMaxCertificates) {
        return Malformed("more than 16 certificates are enclosed");
      }
      auto parsed = Certificate::Parse(*der);
      if (!parsed.ok()) {
        return Malformed("an entry of x5c is no certificate");
      }
      certificates->push_back(*std::move(parsed));
      index = static_cast<int>(certificates->size()) - 1;
    }
    signer = signer < 0 ? index : signer;
  }
  return signer;
}

absl::StatusOr<SignerInfo> ReadSigner(const JwsSignatureText& text,
                                      const std::string& payload,
                                      std::vector<Certificate>* certificates) {
  const auto header_json = DecodeBase64Url(text.protected_header);
  auto signature = DecodeBase64Url(text.signature);
  if (!header_json || !signature) {
    return Malformed("a part of the JWS is not unpadded base64url");
  }
  MASA_ASSIGN_OR_RETURN(const JwsHeader header, ReadJwsHeader(*header_json));
  MASA_RETURN_IF_ERROR(CheckHeader(header));
  MASA_RETURN_IF_ERROR(CheckUnprotected(text.unprotected_names, *header_json));
  const Algorithm& algorithm = *AlgorithmNamed(*header.alg);
  if (algorithm.octets != 0 && signature->size() != algorithm.octets) {
    return BadSignature("the signature is not of its algorithm's length");
  }
  SignerInfo signer;
  signer.algorithm = algorithm.algorithm;
  signer.key_id = header.kid.value_or("");
  signer.signed_octets = absl::StrCat(text.protected_header, ".", payload);
  if (algorithm.is_ecdsa) {
    signer.signature = EcdsaDerOfNumbers(*signature);
  } else {
    signer.signature = *std::move(signature);
  }
  MASA_ASSIGN_OR_RETURN(signer.certificate,
                        AddCertificates(header.x5c, certificates));
  return signer;
}

}  // namespace

absl::StatusOr<SignedArtifact> ParseJws(absl::string_view json) {
  if (json.size() > kMaxArtifactOctets) {
    return Malformed("the artifact is larger than 64 KiB");
  }
  MASA_ASSIGN_OR_RETURN(const JwsEnvelope envelope, ReadJwsEnvelope(json));
  if (envelope.signatures.size() > kMaxSigners) {
    return Malformed("more than 4 signatures");
  }
  auto payload = DecodeBase64Url(envelope.payload);
  if (!payload) {
    return Malformed("the payload is not unpadded base64url");
  }
  SignedArtifact artifact;
  artifact.format = masa::v1::FORMAT_JWS_JSON;
  artifact.payload = *std::move(payload);
  for (const JwsSignatureText& text : envelope.signatures) {
    MASA_ASSIGN_OR_RETURN(
        SignerInfo signer,
        ReadSigner(text, envelope.payload, &artifact.certificates));
    artifact.signers.push_back(std::move(signer));
  }
  return artifact;
}

std::vector<std::string> EnclosedInJws(absl::string_view json) {
  std::vector<std::string> enclosed;
  const auto envelope = ReadJwsEnvelope(json);
  for (size_t i = 0; envelope.ok() && i < envelope->signatures.size(); ++i) {
    const auto text = DecodeBase64Url(envelope->signatures[i].protected_header);
    const auto header = ReadJwsHeader(text.value_or(""));
    for (size_t k = 0; header.ok() && k < header->x5c.size(); ++k) {
      enclosed.push_back(DecodeBase64(header->x5c[k]).value_or(""));
    }
  }
  return enclosed;
}

}  // namespace masa::wire
