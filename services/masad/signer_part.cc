#include "services/masad/signer_part.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/signing/local_signer.h"
#include "services/signing/remote/remote_key_maker.h"
#include "services/signing/remote/remote_signer.h"
#include "services/status/macros.h"
#include "services/telemetry/log.h"

namespace masa::masad {

signing::Kind KindNamed(const std::string& name) {
  static const auto& kinds = *new std::map<std::string, signing::Kind>{
      {"VOUCHER_CMS", signing::Kind::kVoucherCms},
      {"VOUCHER_JWS", signing::Kind::kVoucherJws},
      {"VOUCHER_COSE", signing::Kind::kVoucherCose},
      {"CERTIFICATE", signing::Kind::kCertificate},
      {"CERTIFICATE_REQUEST", signing::Kind::kCertificateRequest},
      {"CRL", signing::Kind::kCrl},
      {"OCSP_RESPONSE", signing::Kind::kOcspResponse},
      {"CHECKPOINT", signing::Kind::kCheckpoint},
      {"OWNERSHIP_ROOT", signing::Kind::kOwnershipRoot},
      {"MANIFEST", signing::Kind::kManifest},
      {"TEST", signing::Kind::kTest}};
  return kinds.at(name);
}

namespace {

absl::StatusOr<signing::LocalKeySource> SourceOf(
    const Setup& setup, const masa::v1::LocalKey& key) {
  signing::LocalKeySource source;
  source.key.name = key.name();
  source.key.endless = key.endless_vouchers();
  source.key.tenant_id = key.tenant_id();
  for (const std::string& kind : key.kinds()) {
    source.key.kinds.push_back(KindNamed(kind));
  }
  if (key.key_file().empty() && key.chain_file().empty()) {
    return source;  // it has its versions alone
  }
  MASA_ASSIGN_OR_RETURN(source.private_key_pem, TextOf(setup, key.key_file()));
  MASA_ASSIGN_OR_RETURN(source.passphrase,
                        UrlOf(setup, "", key.passphrase_file()));
  MASA_ASSIGN_OR_RETURN(source.key.chain_pem, TextOf(setup, key.chain_file()));
  return source;
}

// None where the configuration names none.
absl::StatusOr<std::unique_ptr<const signing::KeyFolder>> FolderOf(
    const Setup& setup) {
  const masa::v1::SignerConfig& config = setup.config.signer();
  if (config.key_folder().empty()) {
    return std::unique_ptr<const signing::KeyFolder>();
  }
  MASA_ASSIGN_OR_RETURN(const std::string passphrase,
                        UrlOf(setup, "", config.key_passphrase_file()));
  return signing::KeyFolder::Open(
      std::filesystem::path(setup.folder) / config.key_folder(), passphrase);
}

// Nobody's name: who called is in the audit events.
void LogFailed(const FailedCall& call) {
  const std::string detail =
      call.status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  if (call.items == 0) {
    telemetry::Log(telemetry::Level::kError, "call failed",
                   {{"request_id", call.request_id},
                    {"traceparent", call.traceparent},
                    {"service", call.service},
                    {"detail", detail}});
  } else {
    telemetry::Log(telemetry::Level::kError, "items of a call failed",
                   {{"request_id", call.request_id},
                    {"traceparent", call.traceparent},
                    {"service", call.service},
                    {"items", absl::StrCat(call.items)},
                    {"detail", detail}});
  }
}

}  // namespace

absl::StatusOr<Keys> BuildLocalKeys(const Setup& setup) {
  std::vector<signing::LocalKeySource> sources;
  for (const masa::v1::LocalKey& key : setup.config.signer().local_keys()) {
    MASA_ASSIGN_OR_RETURN(sources.emplace_back(), SourceOf(setup, key));
  }
  MASA_ASSIGN_OR_RETURN(auto folder, FolderOf(setup));
  MASA_ASSIGN_OR_RETURN(std::shared_ptr<signing::LocalSigner> signer,
                        signing::LocalSigner::New(sources, std::move(folder)));
  telemetry::Log(telemetry::Level::kWarn,
                 "signing keys are in this process's memory, not in an HSM");
  return Keys{signer, signer, "local"};
}

absl::StatusOr<Keys> BuildRemoteKeys(const Setup& setup) {
  MASA_ASSIGN_OR_RETURN(const rpc::ChannelOptions options,
                        ChannelOf(setup, setup.config.authority().signer()));
  const auto channel = rpc::MakeChannel(options);
  return Keys{std::make_shared<signing::RemoteSigner>(channel),
              std::make_shared<signing::RemoteKeyMaker>(channel), "remote"};
}

absl::StatusOr<rpc::Gate> BuildGate(
    const masa::v1::GrpcListener& listener,
    const google::protobuf::RepeatedPtrField<masa::v1::Caller>& callers,
    const std::vector<std::string>& services,
    rpc::Gate::AuthenticateToken authenticate_token,
    rpc::Gate::CameByCookie came_by_cookie) {
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
      std::move(authenticate_token), std::move(came_by_cookie), LogFailed);
}

absl::StatusOr<std::unique_ptr<SignerListener>> SignerListener::New(
    const Setup& setup, signing::Signer& signer, signing::KeyMaker& maker,
    Executor& executor) {
  const masa::v1::GrpcListener& listener = setup.config.signer().listener();
  MASA_ASSIGN_OR_RETURN(
      rpc::Gate gate,
      BuildGate(listener, setup.config.authority().callers(),
                {masa::v1::SigningService::service_full_name(),
                 masa::v1::KeyMakerService::service_full_name()}));
  std::unique_ptr<SignerListener> made(new SignerListener(std::move(gate)));
  made->face_ = std::make_unique<signer::SigningFace>(
      signer, rpc::Serving{made->gate_, executor});
  made->key_face_ = std::make_unique<signer::KeyMakerFace>(
      maker, rpc::Serving{made->gate_, executor});
  MASA_ASSIGN_OR_RETURN(const rpc::ServerOptions options,
                        ListenerOf(setup, listener));
  MASA_ASSIGN_OR_RETURN(
      made->server_,
      rpc::Server::New(options, {made->face_.get(), made->key_face_.get()}));
  return made;
}

}  // namespace masa::masad
