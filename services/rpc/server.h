// One gRPC listener with mutual TLS. Owns the server, not the services.
#ifndef SERVICES_RPC_SERVER_H_
#define SERVICES_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "grpcpp/server.h"
#include "services/observe/call_events.h"
#include "services/rpc/tls_files.h"

namespace masa::rpc {

struct ServerOptions {
  std::string listen;  // 127.0.0.1:9444; port 0 takes a free one
  std::string chain_pem;
  std::string key_pem;
  std::string client_roots_pem;  // clients must show a certificate of these
  bool reflection = false;
  // Clients without a certificate are let in: for those with tokens. One that
  // shows a certificate shows one of the roots'.
  bool client_certificate_optional = false;
  // What it may hold of what callers send, octets; 0: no bound of its own.
  size_t memory = 0;
  CallEvents* calls = nullptr;  // hears of each; outlives the server
  // Instead of the three texts: watched, so that they can be renewed.
  TlsFiles files = {};
};

class Server {
 public:
  // Serves from here on, health included. kMisconfigured when the address or
  // the certificate cannot be used. `services` outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> New(
      const ServerOptions& options,
      const std::vector<grpc::Service*>& services);
  ~Server();

  int port() const { return port_; }

  // SERVING, or NOT_SERVING, so that clients who look after its health go
  // elsewhere. Who comes nevertheless is served: gRPC cancels a call that
  // reaches a server in the moment of its shutdown. Nothing once it drains.
  // Thread-safe.
  void Announce(bool serving);

  // NOT_SERVING, no new calls, running calls until `within` from now.
  void Drain(absl::Duration within);

 private:
  Server() = default;
  absl::Mutex mutex_;
  std::unique_ptr<grpc::Server> server_ ABSL_GUARDED_BY(mutex_);  // until then
  int port_ = 0;
};

}  // namespace masa::rpc

#endif  // SERVICES_RPC_SERVER_H_
