#include "services/rpc/server.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/status/reason.h"

namespace masa::rpc {

absl::StatusOr<std::unique_ptr<Server>> Server::New(
    const ServerOptions& options, const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  }
  grpc::SslServerCredentialsOptions tls(
      options.client_certificate_optional
          ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
          : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.client_roots_pem;
  tls.pem_key_cert_pairs.push_back({options.key_pem, options.chain_pem});
  grpc::ServerBuilder builder;
  std::unique_ptr<Server> made(new Server());
  builder.AddListeningPort(options.listen, grpc::SslServerCredentials(tls),
                           &made->port_);
  for (grpc::Service* service : services) {
    builder.RegisterService(service);
  }
  made->server_ = builder.BuildAndStart();
  if (made->server_ == nullptr || made->port_ == 0) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("gRPC cannot listen on ", options.listen,
                               ": the address is in use, or the certificate "
                               "and key do not load"));
  }
  return made;
}

Server::~Server() { Drain(absl::ZeroDuration()); }

void Server::Drain(absl::Duration within) {
  if (server_ == nullptr) {
    return;
  }
  if (auto* health = server_->GetHealthCheckService()) {
    health->SetServingStatus(false);
  }
  server_->Shutdown(absl::ToChronoTime(absl::Now() + within));
  server_->Wait();
  server_.reset();
}

}  // namespace masa::rpc
