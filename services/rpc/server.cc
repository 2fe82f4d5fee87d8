#include "services/rpc/server.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/rpc/counted_calls.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::rpc {

namespace {

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(
    const ServerOptions& options) {
  if (options.files.set()) {
    return ServerCredentialsOf(options.files,
                               options.client_certificate_optional);
  }
  grpc::SslServerCredentialsOptions tls(
      options.client_certificate_optional
          ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
          : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.client_roots_pem;
  tls.pem_key_cert_pairs.push_back({options.key_pem, options.chain_pem});
  return grpc::SslServerCredentials(tls);
}

// What one connection, and all together, may have.
void Bound(const ServerOptions& options, grpc::ServerBuilder& builder) {
  // Clients come again and find replicas that are new (gRFC A9). Streams that
  // are open then go on until they end.
  constexpr int kConnectionAgeMillis = 5 * 60 * 1000;
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             kConnectionAgeMillis);
  // A client that is gone without a word does not keep its streams.
  constexpr int kSilenceMillis = 30 * 1000;
  constexpr int kPatienceMillis = 10 * 1000;
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kSilenceMillis);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPatienceMillis);
  // Clients of ours look after us more often than gRPC allows by itself.
  constexpr int kLeastBetweenPingsMillis = 5 * 1000;
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kLeastBetweenPingsMillis);
  // Of one connection; who wants more at once is slow to read, or no friend.
  constexpr int kMostStreams = 1024;
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostStreams);
  if (options.memory > 0) {
    grpc::ResourceQuota quota("listener");
    builder.SetResourceQuota(quota.Resize(options.memory));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::New(
    const ServerOptions& options, const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  }
  if (options.files.set()) {
    MASA_RETURN_IF_ERROR(CheckTlsFiles(options.files));
  }
  grpc::ServerBuilder builder;
  std::unique_ptr<Server> made(new Server());
  builder.AddListeningPort(options.listen, CredentialsOf(options),
                           &made->port_);
  for (grpc::Service* service : services) {
    builder.RegisterService(service);
  }
  Bound(options, builder);
  if (options.calls != nullptr) {
    std::vector<
        std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
        interceptors;
    interceptors.push_back(CountServerCalls(*options.calls));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
  }
  std::unique_ptr<grpc::Server> started = builder.BuildAndStart();
  if (started == nullptr || made->port_ == 0) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("gRPC cannot listen on ", options.listen,
                               ": the address is in use, or the certificate "
                               "and key do not load"));
  }
  absl::MutexLock lock(&made->mutex_);
  made->server_ = std::move(started);
  return made;
}

Server::~Server() { Drain(absl::ZeroDuration()); }

void Server::Announce(bool serving) {
  absl::MutexLock lock(&mutex_);
  if (server_ == nullptr) {
    return;
  }
  if (auto* health = server_->GetHealthCheckService()) {
    health->SetServingStatus(serving);
  }
}

void Server::Drain(absl::Duration within) {
  Announce(false);
  std::unique_ptr<grpc::Server> server;
  {
    absl::MutexLock lock(&mutex_);
    server = std::move(server_);
  }
  if (server != nullptr) {
    server->Shutdown(absl::ToChronoTime(absl::Now() + within));
    server->Wait();
  }
}

}  // namespace masa::rpc
