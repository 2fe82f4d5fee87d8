// Signs octets as JWS and COSE write signatures: r || s for EC keys. Aborts on
// a key of another kind than test_pki makes: a test's own mistake.
#ifndef SERVICES_TESTING_RAW_SIGN_H_
#define SERVICES_TESTING_RAW_SIGN_H_

#include <string>

#include "services/testing/test_pki.h"

namespace masa::testing {

struct RawSignature {
  std::string octets;
  std::string jws_alg;  // ES256, ES384, RS256, EdDSA
  int cose_alg;         // -7, -35, -257, -8
};

RawSignature SignRaw(const std::string& message, const Identity& signer);

// What the two names of the algorithm are, before there is a message.
RawSignature AlgorithmOf(const Identity& signer);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_RAW_SIGN_H_
