// JSON Web Tokens of OpenID providers (RFC 7519), and the sets of keys that
// sign them (RFC 7517). Reads only; signatures are for a `Verifier`. Pure.
#ifndef SERVICES_WIRE_JWT_H_
#define SERVICES_WIRE_JWT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"

namespace masa::wire {

constexpr size_t kLongestJwt = 8 * 1024;  // octets

struct Jwt {
  SignatureAlgorithm algorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  std::string key_id;
  std::string signing_input;
  std::string signature;  // as `Verifier` takes it
  std::string issuer;
  std::vector<std::string> audience;
  absl::Time expires;
  std::optional<absl::Time> not_before;
  std::map<std::string, std::string> texts;  // the claims that are strings
};

// Reads compact serialization. kUnauthenticated, with nothing of the token in
// the sentence, for more than kLongestJwt octets, another alg than RS256 and
// ES256 (none and MACs among them), no kid, any crit, a typ of something else,
// duplicate names, and claims without iss, aud or exp, or with such of another
// type. Nothing of the outcome is to be believed before the signature is
// verified.
absl::StatusOr<Jwt> ParseJwt(absl::string_view text);

// A public key that may sign tokens.
struct Jwk {
  std::string key_id;
  SignatureAlgorithm algorithm;  // the one for which it is
  std::string spki_der;
};

// The keys of a set that RS256 and ES256 can be verified with; others, and
// those without kid or for encryption, are left out. kMalformed for what is no
// set of at most 256 KiB and 64 keys, for a key of these kinds that is none,
// and for one kid twice.
absl::StatusOr<std::vector<Jwk>> ParseJwks(absl::string_view json);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JWT_H_
