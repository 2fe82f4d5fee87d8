// TLS of gRPC listeners and channels from files that are read again while the
// process runs, so that a renewed certificate needs no restart.
#ifndef SERVICES_RPC_TLS_FILES_H_
#define SERVICES_RPC_TLS_FILES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"

namespace masa::rpc {

// PEM files: our chain, leaf first, its key, and the roots that the other end's
// certificate must lead to. All are needed. Who renews them replaces the chain
// and its key at once (a link to another folder, as Kubernetes does): until
// they fit, new connections do not come about.
struct TlsFiles {
  std::string chain;
  std::string key;
  std::string roots;
  // How often they are looked at.
  unsigned seconds = 10;

  bool set() const { return !chain.empty(); }
};

// kMisconfigured, naming the file, when one cannot be read or parsed, or chain
// and key do not belong together.
absl::Status CheckTlsFiles(const TlsFiles& files);

// Connections that are open keep the certificates they began with.
std::shared_ptr<grpc::ServerCredentials> ServerCredentialsOf(
    const TlsFiles& files, bool client_certificate_optional);
std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsOf(
    const TlsFiles& files);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_TLS_FILES_H_
