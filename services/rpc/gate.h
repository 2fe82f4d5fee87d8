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
#include "services/observe/failed_call.h"

namespace masa::rpc {

// Service name -> names (SANs of client certificates) that may call it; "*"
// allows every caller that authenticates.
using AllowList = std::map<std::string, std::set<std::string>>;

// What a peer shows of itself.
struct Credentials {
  std::vector<std::string> names;   // in its verified certificate
  std::vector<std::string> tokens;  // bearer tokens, as they came
  bool by_cookie = false;           // the tokens came in cookies alone
};

class Gate {
 public:
  // From the names in a verified client certificate to who it is.
  using Authenticate = std::function<absl::StatusOr<identity::Principal>(
      const std::vector<std::string>& names)>;
  // From a bearer token to who it is. May block.
  using AuthenticateToken = std::function<absl::StatusOr<identity::Principal>(
      const std::string& token)>;

  // Told of each call whose credentials came in a cookie. Does not block.
  using CameByCookie = std::function<void()>;

  // Told of each call that ended with a fault of ours, and of items that did.
  // Does not block.
  using CallFailed = std::function<void(const FailedCall& call)>;

  // Without `authenticate_token` tokens say nothing here; without
  // `came_by_cookie` and `call_failed` nobody is told. kMisconfigured when
  // `allow` names a service not in `services`.
  static absl::StatusOr<Gate> Create(const std::vector<std::string>& services,
                                     AllowList allow, Authenticate authenticate,
                                     AuthenticateToken authenticate_token = {},
                                     CameByCookie came_by_cookie = {},
                                     CallFailed call_failed = {});

  bool takes_tokens() const { return authenticate_token_ != nullptr; }

  // kUnauthenticated, kPermissionDenied. A token, where such are taken, says
  // who calls, whatever the certificate says, and a bad one is not passed over.
  // Whom a token names is on an allow-list by "*" alone.
  absl::StatusOr<identity::Principal> Admit(
      const std::string& service, const Credentials& credentials) const;
  // By certificate alone.
  absl::StatusOr<identity::Principal> Admit(
      const std::string& service, const std::vector<std::string>& names) const {
    return Admit(service, Credentials{names, {}});
  }

  void TellFailed(const FailedCall& call) const {
    if (call_failed_ != nullptr) {
      call_failed_(call);
    }
  }

 private:
  Gate(AllowList allow, Authenticate authenticate,
       AuthenticateToken authenticate_token, CameByCookie came_by_cookie,
       CallFailed call_failed)
      : allow_(std::move(allow)),
        authenticate_(std::move(authenticate)),
        authenticate_token_(std::move(authenticate_token)),
        came_by_cookie_(std::move(came_by_cookie)),
        call_failed_(std::move(call_failed)) {}

  absl::StatusOr<identity::Principal> CallerOf(
      const Credentials& credentials) const;

  AllowList allow_;
  Authenticate authenticate_;
  AuthenticateToken authenticate_token_;
  CameByCookie came_by_cookie_;
  CallFailed call_failed_;
};

}  // namespace masa::rpc

#endif  // SERVICES_RPC_GATE_H_
