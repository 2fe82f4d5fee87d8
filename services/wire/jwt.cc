#include "services/wire/jwt.h"

#include <array>

#include "absl/strings/match.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/ecdsa_numbers.h"
#include "services/wire/json_reader.h"
#include "services/wire/jws_json.h"

namespace masa::wire {
namespace {

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kUnauthenticated, what);
}

// Splits at two dots, no more and no fewer.
bool Split(absl::string_view text, std::array<absl::string_view, 3>* parts) {
  const size_t first = text.find('.');
  const size_t second =
      first == absl::string_view::npos ? first : text.find('.', first + 1);
  if (second == absl::string_view::npos ||
      text.find('.', second + 1) != absl::string_view::npos) {
    return false;
  }
  *parts = {text.substr(0, first), text.substr(first + 1, second - first - 1),
            text.substr(second + 1)};
  return true;
}

absl::Status ReadHeader(absl::string_view json, Jwt* jwt) {
  const auto header = ReadJwsHeader(json);
  if (!header.ok() || !header->alg) {
    return No("the token's header does not read");
  }
  if (*header->alg == "RS256") {
    jwt->algorithm = SignatureAlgorithm::kRsaPkcs1Sha256;
  } else if (*header->alg == "ES256") {
    jwt->algorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  } else {
    return No("the token is not signed with RS256 or ES256");
  }
  // RFC 9068 section 2.1: what is signed as something else is no token.
  if (header->has_crit ||
      (header->typ && !absl::EqualsIgnoreCase(*header->typ, "JWT") &&
       !absl::EqualsIgnoreCase(*header->typ, "at+jwt"))) {
    return No("the token's header asks for what is not known here");
  }
  if (!header->kid || header->kid->empty()) {
    return No("the token does not say which key signed it");
  }
  jwt->key_id = *header->kid;
  return absl::OkStatus();
}

// RFC 7518 section 3.4: r || s. An RSA signature is as long as its key.
bool ReadSignature(absl::string_view text, Jwt* jwt) {
  constexpr size_t kP256Numbers = 64;
  const auto octets = DecodeBase64Url(text);
  if (!octets || octets->empty()) {
    return false;
  }
  if (jwt->algorithm == SignatureAlgorithm::kRsaPkcs1Sha256) {
    jwt->signature = *octets;
    return true;
  }
  if (octets->size() != kP256Numbers) {
    return false;
  }
  jwt->signature = EcdsaDerOfNumbers(*octets);
  return true;
}

// RFC 7519 section 2, NumericDate; within the years that can be written.
bool TakeTime(JsonReader* reader, absl::Time* time) {
  constexpr double kEndOfYear9999 = 253402300799;
  double seconds = 0;
  if (!reader->TakeNumber(&seconds) || seconds < 0 ||
      seconds > kEndOfYear9999) {
    return false;
  }
  *time = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return true;
}

bool TakeText(JsonReader* reader, std::string* text) {
  std::string storage;
  absl::string_view value;
  if (!reader->TakeString(&value, &storage)) {
    return false;
  }
  *text = std::string(value);
  return true;
}

bool TakeAudience(JsonReader* reader, Jwt* jwt) {
  if (reader->Next() == '"') {
    return TakeText(reader, &jwt->audience.emplace_back());
  }
  return reader->TakeArray([reader, jwt] {
    return TakeText(reader, &jwt->audience.emplace_back());
  });
}

bool ReadClaims(absl::string_view json, Jwt* jwt) {
  JsonReader reader(json);
  bool expires = false;
  const bool read = reader.TakeObject([&](absl::string_view name) {
    if (name == "exp") {
      expires = true;
      return TakeTime(&reader, &jwt->expires);
    }
    if (name == "nbf") {
      return TakeTime(&reader, &jwt->not_before.emplace());
    }
    if (name == "aud") {
      return TakeAudience(&reader, jwt);
    }
    if (name == "iss") {
      return TakeText(&reader, &jwt->issuer);
    }
    return reader.Next() == '"'
               ? TakeText(&reader, &jwt->texts[std::string(name)])
               : reader.SkipValue();
  });
  return read && reader.AtEnd() && expires && !jwt->issuer.empty() &&
         !jwt->audience.empty();
}

}  // namespace

absl::StatusOr<Jwt> ParseJwt(absl::string_view text) {
  std::array<absl::string_view, 3> parts;
  if (text.size() > kLongestJwt || !Split(text, &parts)) {
    return No("this is not a token of at most 8 KiB");
  }
  const auto header = DecodeBase64Url(parts[0]);
  const auto claims = DecodeBase64Url(parts[1]);
  if (!header || !claims) {
    return No("the token is not base64url");
  }
  Jwt jwt;
  MASA_RETURN_IF_ERROR(ReadHeader(*header, &jwt));
  if (!ReadSignature(parts[2], &jwt)) {
    return No("the token's signature is none of its algorithm");
  }
  if (!ReadClaims(*claims, &jwt)) {
    return No("the token's claims do not read, or lack iss, aud or exp");
  }
  jwt.signing_input =
      std::string(text.substr(0, parts[0].size() + 1 + parts[1].size()));
  return jwt;
}

}  // namespace masa::wire
