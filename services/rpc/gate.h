// What every call passes before its handler: who calls, and may they call this
// service at all (grpc 1.51 interceptors cannot refuse a call). Immutable and
// thread-safe.
#ifndef SERVICES_RPC_GATE_H_
#define SERVICES_RPC_GATE_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/identity/principal.h"

namespace masa::rpc {

// Service name -> names (SANs of client certificates) that may call it; "*"
// allows every caller that authenticates.
using AllowList = std::map<std::string, std::set<std::string>>;

class Gate {
 public:
  // From the names in a verified client certificate to who it is.
  using Authenticate = std::function<absl::StatusOr<identity::Principal>(
      const std::vector<std::string>& names)>;

  // kMisconfigured when `allow` names a service not in `services`.
  static absl::StatusOr<Gate> Create(const std::vector<std::string>& services,
                                     AllowList allow,
                                     Authenticate authenticate);

  // kUnauthenticated, kPermissionDenied.
  absl::StatusOr<identity::Principal> Admit(
      const std::string& service, const std::vector<std::string>& names) const;

 private:
  Gate(AllowList allow, Authenticate authenticate)
      : allow_(std::move(allow)), authenticate_(std::move(authenticate)) {}

  AllowList allow_;
  Authenticate authenticate_;
};

}  // namespace masa::rpc

#endif  // SERVICES_RPC_GATE_H_
