#include "services/testing/requests.h"

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"

namespace masa::testing {

std::string Base64(const std::string& octets) {
  return absl::Base64Escape(octets);
}

std::string RequestJson(const RequestLeaves& leaves) {
  nlohmann::ordered_json inner = nlohmann::ordered_json::object();
  const auto text = [&inner](const char* name,
                             const std::optional<std::string>& value) {
    if (value) {
      inner[name] = *value;
    }
  };
  const auto binary = [&inner](const char* name,
                               const std::optional<std::string>& value) {
    if (value) {
      inner[name] = Base64(*value);
    }
  };
  text("assertion", leaves.assertion);
  text("created-on", leaves.created_on);
  text("serial-number", leaves.serial_number);
  text("nonce", leaves.nonce);
  binary("idevid-issuer", leaves.idevid_issuer);
  binary("proximity-registrar-cert", leaves.proximity_registrar_cert_der);
  binary("proximity-registrar-pubk", leaves.proximity_registrar_pubk_der);
  binary("proximity-registrar-pubk-sha256",
         leaves.proximity_registrar_pubk_sha256);
  binary("prior-signed-voucher-request", leaves.prior_signed_voucher_request);
  binary("agent-provided-proximity-registrar-cert",
         leaves.agent_provided_proximity_registrar_cert_der);
  for (const std::string& der : leaves.agent_sign_certs_der) {
    inner["agent-sign-cert"].push_back(Base64(der));
  }
  binary("agent-signed-data", leaves.agent_signed_data);
  return nlohmann::ordered_json{{"ietf-voucher-request:voucher", inner}}.dump();
}

}  // namespace masa::testing
