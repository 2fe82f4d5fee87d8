// The service as the commands reach it: channel, stubs, and how its answers and
// refusals are shown.
#ifndef SERVICES_MASACTL_SERVICE_H_
#define SERVICES_MASACTL_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "proto/masa/v1/device.pb.h"

namespace masa::masactl {

// What every command takes.
struct CommonOptions {
  std::string server;       // HOST:PORT
  std::string server_name;  // that its certificate has; the host when empty
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string token_file;  // with or instead of the two before
  std::string idevid_issuer_hex;
  bool json = false;
};

// A channel with TLS, on which a certificate, a bearer token or both say who
// calls. InvalidArgument, with what to do, when an option is missing, a file
// cannot be read, or the key is another's than the certificate's.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(
    const CommonOptions& options);

// A deadline for one call, which takes so long at most.
void Prepare(grpc::ClientContext* call,
             absl::Duration takes = absl::Seconds(30));

// OK, or the service's refusal as `REASON: sentence`.
absl::Status StatusOf(const grpc::Status& status);

// InvalidArgument, saying `what`, when `hex` is not hexadecimal.
absl::StatusOr<std::string> OctetsOfHex(const char* what,
                                        const std::string& hex);

// InvalidArgument when the issuer is not hexadecimal.
absl::StatusOr<masa::v1::DeviceKey> KeyOf(const CommonOptions& options,
                                          const std::string& serial);

// What was named, in its order, each once: a serial number that stands twice is
// one device.
std::vector<std::string> EachOnce(const std::vector<std::string>& names);

// A message as JSON for scripts, field names as in the .proto file.
std::string JsonOf(const google::protobuf::Message& message);

// A certificate file, PEM or DER, as DER.
absl::StatusOr<std::string> ReadCertificate(const std::string& path);

absl::StatusOr<std::string> ReadText(const std::string& path);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_SERVICE_H_
