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
  binary("prior-signed-voucher-request", leaves.prior_signed_voucher_request);
  return nlohmann::ordered_json{{"ietf-voucher-request:voucher", inner}}.dump();
}

}  // namespace masa::testing
