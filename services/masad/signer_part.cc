#include "services/masad/signer_part.h"

#include <map>

#include "absl/strings/strip.h"
#include "services/signing/local_signer.h"
#include "services/signing/remote/remote_signer.h"
#include "services/status/macros.h"
#include "services/telemetry/log.h"

namespace masa::masad {

signing::Kind KindNamed(const std::string& name) {
  static const auto& kinds = *new std::map<std::string, signing::Kind>{
      {"VOUCHER_CMS", signing::Kind::kVoucherCms},
      {"VOUCHER_JWS", signing::Kind::kVoucherJws},
      {"VOUCHER_COSE", signing::Kind::kVoucherCose},
      {"CHECKPOINT", signing::Kind::kCheckpoint},
      {"OWNERSHIP_ROOT", signing::Kind::kOwnershipRoot},
      {"TEST", signing::Kind::kTest}};
  return kinds.at(name);
}

absl::StatusOr<std::unique_ptr<signing::Signer>> BuildLocalSigner(
    const Setup& setup) {
  std::vector<signing::LocalKeySource> sources;
  for (const masa::v1::LocalKey& key : setup.config.signer().local_keys()) {
    signing::LocalKeySource source;
    source.key.name = key.name();
    MASA_ASSIGN_OR_RETURN(source.private_key_pem,
                          TextOf(setup, key.key_file()));
    MASA_ASSIGN_OR_RETURN(source.passphrase,
                          UrlOf(setup, "", key.passphrase_file()));
    MASA_ASSIGN_OR_RETURN(source.key.chain_pem,
                          TextOf(setup, key.chain_file()));
    source.key.endless = key.endless_vouchers();
    for (const std::string& kind : key.kinds()) {
      source.key.kinds.push_back(KindNamed(kind));
    }
    sources.push_back(std::move(source));
  }
  MASA_ASSIGN_OR_RETURN(auto signer, signing::LocalSigner::New(sources));
  telemetry::Log(telemetry::Level::kWarn,
                 "signing keys are in this process's memory, not in an HSM");
  return std::unique_ptr<signing::Signer>(std::move(signer));
}

absl::StatusOr<std::unique_ptr<signing::Signer>> BuildRemoteSigner(
    const Setup& setup) {
  MASA_ASSIGN_OR_RETURN(const rpc::ChannelOptions options,
                        ChannelOf(setup, setup.config.authority().signer()));
  return std::unique_ptr<signing::Signer>(
      std::make_unique<signing::RemoteSigner>(rpc::MakeChannel(options)));
}

absl::StatusOr<rpc::Gate> BuildGate(
    const masa::v1::GrpcListener& listener,
    const google::protobuf::RepeatedPtrField<masa::v1::Caller>& callers,
    const std::vector<std::string>& services,
    rpc::Gate::AuthenticateToken authenticate_token) {
  MASA_ASSIGN_OR_RETURN(auto known, identity::Callers::Create(callers));
  rpc::AllowList allow;
  for (const masa::v1::ServiceAllowList& entry : listener.allow()) {
    allow[entry.service()].insert(entry.names().begin(), entry.names().end());
  }
  return rpc::Gate::Create(
      services, std::move(allow),
      [known = std::move(known)](const std::vector<std::string>& names) {
        return known.Identify(names);
      },
      std::move(authenticate_token));
}

absl::StatusOr<std::unique_ptr<SignerListener>> SignerListener::New(
    const Setup& setup, signing::Signer& signer, Executor& executor) {
  const masa::v1::GrpcListener& listener = setup.config.signer().listener();
  MASA_ASSIGN_OR_RETURN(
      rpc::Gate gate,
      BuildGate(listener, setup.config.authority().callers(),
                {masa::v1::SigningService::service_full_name()}));
  std::unique_ptr<SignerListener> made(new SignerListener(std::move(gate)));
  made->face_ = std::make_unique<signer::SigningFace>(
      signer, rpc::Serving{made->gate_, executor});
  MASA_ASSIGN_OR_RETURN(const rpc::ServerOptions options,
                        ListenerOf(setup, listener));
  MASA_ASSIGN_OR_RETURN(made->server_,
                        rpc::Server::New(options, {made->face_.get()}));
  return made;
}

}  // namespace masa::masad
