// Tokens and sets of keys as an OpenID provider makes them, for tests: written
// by hand, with whatever header and claims a test wants.
#ifndef SERVICES_TESTING_TOKENS_H_
#define SERVICES_TESTING_TOKENS_H_

#include <string>
#include <vector>

#include "services/testing/test_pki.h"

namespace masa::testing {

std::string Base64Url(const std::string& octets);

// HEADER.CLAIMS.SIGNATURE in base64url, signed by `signer` over what is given.
std::string SignToken(const std::string& header_json,
                      const std::string& claims_json, const Identity& signer);

// One member of a set's `keys`: the public key of a P-256 or RSA identity.
std::string JwkOf(const Identity& identity, const std::string& kid);

// {"keys":[...]}
std::string JwksOf(const std::vector<std::string>& keys);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_TOKENS_H_
