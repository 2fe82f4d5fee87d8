#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/drafts.h"
#include "services/wire/ecdsa_numbers.h"
#include "services/wire/jws.h"
#include "services/wire/jws_json.h"

namespace masa::wire {
namespace {

struct Names {
  absl::string_view alg;
  size_t half_octets;  // of each of r and s; 0: written as it comes
};

absl::StatusOr<Names> NamesOf(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
      return Names{"ES256", 32};
    case SignatureAlgorithm::kEcdsaP384Sha384:
      return Names{"ES384", 48};
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return Names{"RS256", 0};
    case SignatureAlgorithm::kEd25519:
      return Names{"EdDSA", 0};
    default:
      return Refuse(Reason::kMisconfigured,
                    "no vouchers in JWS are signed with this algorithm");
  }
}

std::string Base64Url(absl::string_view octets) {
  std::string text;
  AppendBase64Url(octets, &text);
  return text;
}

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kKeyNotForThis, what);
}

absl::Status CheckHeader(absl::string_view text, SignatureAlgorithm algorithm) {
  MASA_ASSIGN_OR_RETURN(const Names names, NamesOf(algorithm));
  std::string json;
  // The library takes dots for padding; a signing input has one (RFC 7515
  // section 5.1).
  if (absl::StrContains(text, '.') ||
      !absl::WebSafeBase64Unescape(text, &json)) {
    return No("the protected header is not base64url");
  }
  const auto header = ReadJwsHeader(json);
  if (!header.ok() || header->alg != std::string(names.alg) ||
      header->typ != std::string(CurrentDrafts().jws_type) ||
      header->has_crit || header->x5c.empty()) {
    return No("the protected header is not that of a voucher by this key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JwsTemplate> JwsTemplate::Create(
    const std::vector<std::string>& chain_der, SignatureAlgorithm algorithm) {
  MASA_ASSIGN_OR_RETURN(const Names names, NamesOf(algorithm));
  if (chain_der.empty()) {
    return Refuse(Reason::kCertMalformed, "the signer's chain is empty");
  }
  // Base64 needs no escaping in JSON, so the header is written as it stands.
  std::string header = absl::StrCat("{\"alg\":\"", names.alg, "\",\"typ\":\"",
                                    CurrentDrafts().jws_type, "\",\"x5c\":[");
  for (const std::string& der : chain_der) {
    header += header.back() == '[' ? "\"" : ",\"";
    AppendBase64(der, &header);
    header += '"';
  }
  header += "]}";
  JwsTemplate made;
  made.protected_header_ = Base64Url(header);
  made.algorithm_ = algorithm;
  return made;
}

std::string JwsTemplate::EncodeSigningInput(absl::string_view content) const {
  std::string input;
  input.reserve(protected_header_.size() + 1 + Base64UrlSize(content.size()));
  input += protected_header_;
  input += '.';
  AppendBase64Url(content, &input);
  return input;
}

absl::StatusOr<std::string> JwsTemplate::Finish(
    absl::string_view signing_input, absl::string_view signature) const {
  MASA_ASSIGN_OR_RETURN(const Names names, NamesOf(algorithm_));
  absl::StatusOr<std::string> raw{std::string(signature)};
  if (names.half_octets != 0) {
    MASA_ASSIGN_OR_RETURN(raw, EcdsaNumbersOfDer(signature, names.half_octets));
  }
  const size_t dot = protected_header_.size();
  return absl::StrCat("{\"payload\":\"", signing_input.substr(dot + 1),
                      "\",\"signatures\":[{\"protected\":\"",
                      signing_input.substr(0, dot), "\",\"signature\":\"",
                      Base64Url(*raw), "\"}]}");
}

absl::Status CheckSigningInput(absl::string_view signing_input,
                               absl::string_view content,
                               SignatureAlgorithm algorithm,
                               KnownOctets* known) {
  const std::string payload = absl::StrCat(".", Base64Url(content));
  if (!absl::EndsWith(signing_input, payload)) {
    return No("the signing input does not carry the content");
  }
  const absl::string_view header =
      signing_input.substr(0, signing_input.size() - payload.size());
  if (known != nullptr && known->Is(header)) {
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(CheckHeader(header, algorithm));
  if (known != nullptr) {
    known->Set(header);
  }
  return absl::OkStatus();
}

}  // namespace masa::wire
