// Voucher-requests as a pledge and a registrar would write them (RFC 8995
// sections 5.2 and 5.5), each leaf optional so that tests can leave it out.
#ifndef SERVICES_TESTING_REQUESTS_H_
#define SERVICES_TESTING_REQUESTS_H_

#include <optional>
#include <string>
#include <vector>

namespace masa::testing {

// Octet fields are raw; they are written as base64.
struct RequestLeaves {
  std::optional<std::string> assertion;
  std::optional<std::string> created_on;  // RFC 3339 text
  std::optional<std::string> serial_number;
  std::optional<std::string> nonce;  // written as it is
  std::optional<std::string> idevid_issuer;
  std::optional<std::string> proximity_registrar_cert_der;
  std::optional<std::string> proximity_registrar_pubk_der;
  std::optional<std::string> proximity_registrar_pubk_sha256;
  std::optional<std::string> prior_signed_voucher_request;
  std::optional<std::string> agent_provided_proximity_registrar_cert_der;
  std::vector<std::string> agent_sign_certs_der;  // an array in JSON
  std::optional<std::string> agent_signed_data;
};

// {"ietf-voucher-request:voucher":{...}}
std::string RequestJson(const RequestLeaves& leaves);

// {2501: {...}}: SIDs as keys, octets as byte strings, the nonce as the octets
// that its text stands for. With `names`, YANG's names as keys.
std::string RequestCbor(const RequestLeaves& leaves, bool names = false);

// Standard base64 with padding.
std::string Base64(const std::string& octets);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_REQUESTS_H_
