// Signs a voucher-request in any of the formats, rightly or wrongly as asked.
// Independent of the encoders that make vouchers.
#ifndef SERVICES_TESTING_SIGN_REQUEST_H_
#define SERVICES_TESTING_SIGN_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "services/testing/requests.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

struct JwsOptions {
  std::vector<std::string> certificates_der;  // the signer's alone by default
  bool enclose = true;                        // write x5c at all
  std::optional<std::string> alg;             // another name than the key's
  std::string more_header;                    // members, a comma before each
  bool break_signature = false;
};

// A JWS in general JSON serialization over any payload.
std::string SignJws(const std::string& payload, const Identity& signer,
                    const JwsOptions& options = {});

struct CoseOptions {
  std::vector<std::string> certificates_der;  // x5bag, the signer's by default
  bool enclose = true;
  bool as_chain = false;         // x5chain
  bool in_protected = false;     // the certificates
  bool alg_unprotected = false;  // alg in the wrong header
  bool tagged = true;
  bool break_signature = false;
};

// A COSE_Sign1 over any payload.
std::string SignCose(const std::string& payload, const Identity& signer,
                     const CoseOptions& options = {});

enum class Container { kCms = 1, kJws, kCose };

// The request in that container, with these certificates: none of them in a
// pledge's COSE, which encloses nothing.
std::string SignRequest(Container container, const RequestLeaves& leaves,
                        const Identity& signer,
                        const std::vector<std::string>& certificates_der);

// "application/voucher-cms+json" and so on.
std::string MediaType(Container container);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_SIGN_REQUEST_H_
