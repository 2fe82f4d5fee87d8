#include "services/rpc/gate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::rpc {

absl::StatusOr<Gate> Gate::Create(const std::vector<std::string>& services,
                                  AllowList allow, Authenticate authenticate,
                                  AuthenticateToken authenticate_token,
                                  CameByCookie came_by_cookie,
                                  CallFailed call_failed) {
  for (const auto& [service, names] : allow) {
    if (std::find(services.begin(), services.end(), service) ==
        services.end()) {
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("an allow-list names the service ", service,
                                 ", which this listener does not serve"));
    }
  }
  return Gate(std::move(allow), std::move(authenticate),
              std::move(authenticate_token), std::move(came_by_cookie),
              std::move(call_failed));
}

absl::StatusOr<identity::Principal> Gate::CallerOf(
    const Credentials& credentials) const {
  if (!takes_tokens() || credentials.tokens.empty()) {
    return authenticate_(credentials.names);
  }
  if (credentials.by_cookie && came_by_cookie_ != nullptr) {
    came_by_cookie_();
  }
  if (credentials.tokens.size() > 1) {
    return Refuse(Reason::kUnauthenticated,
                  "the call carries more than one token");
  }
  return authenticate_token_(credentials.tokens.front());
}

absl::StatusOr<identity::Principal> Gate::Admit(
    const std::string& service, const Credentials& credentials) const {
  MASA_ASSIGN_OR_RETURN(identity::Principal caller, CallerOf(credentials));
  const bool by_token = takes_tokens() && !credentials.tokens.empty();
  const auto& names = credentials.names;
  const auto listed = allow_.find(service);
  const bool allowed =
      listed != allow_.end() &&
      (listed->second.count("*") > 0 ||
       (!by_token &&
        std::any_of(names.begin(), names.end(), [&](const std::string& name) {
          return listed->second.count(name) > 0;
        })));
  if (!allowed) {
    return Refuse(Reason::kPermissionDenied,
                  absl::StrCat("this caller may not call ", service));
  }
  return caller;
}

}  // namespace masa::rpc
