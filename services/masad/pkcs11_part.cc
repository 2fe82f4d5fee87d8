#include "services/masad/pkcs11_part.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/masad/signer_part.h"
#include "services/signing/pkcs11/pkcs11_signer.h"
#include "services/status/macros.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr int kDefaultSessions = 8;

absl::StatusOr<signing::SessionPoolOptions> PoolOf(
    const Setup& setup, const masa::v1::Pkcs11& pkcs11) {
  signing::SessionPoolOptions pool;
  for (const masa::v1::Pkcs11Token& token : pkcs11.tokens()) {
    signing::TokenOptions options;
    options.label = token.label();
    MASA_ASSIGN_OR_RETURN(options.pin, UrlOf(setup, "", token.pin_file()));
    options.sessions = token.sessions() == 0
                           ? kDefaultSessions
                           : static_cast<int>(token.sessions());
    pool.tokens.push_back(std::move(options));
  }
  if (pkcs11.longest_call_milliseconds() > 0) {
    pool.longest_call = absl::Milliseconds(pkcs11.longest_call_milliseconds());
  }
  return pool;
}

absl::StatusOr<signing::Pkcs11Key> KeyOf(const Setup& setup,
                                         const masa::v1::Pkcs11Key& message) {
  signing::Pkcs11Key key;
  key.key.name = message.name();
  if (!message.chain_file().empty()) {
    MASA_ASSIGN_OR_RETURN(key.key.chain_pem,
                          TextOf(setup, message.chain_file()));
  }
  key.key.endless = message.endless_vouchers();
  key.key.tenant_id = message.tenant_id();
  for (const std::string& kind : message.kinds()) {
    key.key.kinds.push_back(KindNamed(kind));
  }
  key.in_token.label = message.label().empty() && message.id().empty()
                           ? message.name()
                           : message.label();
  key.in_token.id = absl::HexStringToBytes(message.id());
  return key;
}

}  // namespace

std::vector<std::string> TokenLabels(const Setup& setup) {
  std::vector<std::string> labels;
  for (const auto& token : setup.config.signer().pkcs11().tokens()) {
    labels.push_back(token.label());
  }
  return labels;
}

absl::StatusOr<Keys> BuildPkcs11Keys(const Setup& setup,
                                     telemetry::HsmEvents& events) {
  const masa::v1::Pkcs11& pkcs11 = setup.config.signer().pkcs11();
  MASA_ASSIGN_OR_RETURN(signing::SessionPoolOptions pool,
                        PoolOf(setup, pkcs11));
  std::vector<signing::Pkcs11Key> keys;
  for (const masa::v1::Pkcs11Key& message : pkcs11.keys()) {
    MASA_ASSIGN_OR_RETURN(keys.emplace_back(), KeyOf(setup, message));
  }
  MASA_ASSIGN_OR_RETURN(std::shared_ptr<signing::Pkcs11Module> module,
                        signing::Pkcs11Module::Load(pkcs11.module()));
  telemetry::Log(
      telemetry::Level::kInfo,
      absl::StrCat("HSM: ", module->Describe(), ", by ", pkcs11.module()));
  MASA_ASSIGN_OR_RETURN(std::shared_ptr<signing::Pkcs11Signer> signer,
                        signing::Pkcs11Signer::New(
                            std::move(module), std::move(pool), keys, events));
  for (const std::string& line : signer->Report()) {
    telemetry::Log(telemetry::Level::kInfo, absl::StrCat("HSM: ", line));
  }
  return Keys{signer, signer, "pkcs11",
              [signer, &events] { events.Measure(signer->Load()); }};
}

}  // namespace masa::masad
