#include "services/identity/callers.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::identity {
namespace {

absl::Status Wrong(const masa::v1::Caller& caller, absl::string_view what) {
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("caller ", caller.name(), ": ", what));
}

std::string UsernameOf(const masa::v1::Caller& caller) {
  return caller.username().empty()
             ? caller.name().substr(caller.name().rfind(':') + 1)
             : caller.username();
}

}  // namespace

absl::StatusOr<Callers> Callers::Create(
    const google::protobuf::RepeatedPtrField<masa::v1::Caller>& callers) {
  static const auto& roles =
      *new std::map<std::string, Role>{{"EDGE", Role::kEdge},
                                       {"AUTHORITY", Role::kAuthority},
                                       {"OPERATOR", Role::kOperator},
                                       {"CUSTOMER", Role::kCustomer}};
  Callers made;
  for (const masa::v1::Caller& caller : callers) {
    const auto role = roles.find(caller.role());
    if (role == roles.end()) {
      return Wrong(caller, "its role is not one that is known");
    }
    const bool needs_tenant =
        role->second == Role::kOperator || role->second == Role::kCustomer;
    if (needs_tenant && caller.tenant_id().empty()) {
      return Wrong(caller, "tenant_id is needed");
    }
    if (role->second == Role::kCustomer && caller.organization_id().empty()) {
      return Wrong(caller, "organization_id is needed");
    }
    const Principal principal{role->second, caller.name(), caller.tenant_id(),
                              caller.organization_id(), UsernameOf(caller)};
    if (caller.name().empty() ||
        !made.callers_.emplace(caller.name(), principal).second) {
      return Wrong(caller, "a name is needed, and once");
    }
  }
  return made;
}

absl::StatusOr<Principal> Callers::Identify(
    const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    const auto found = callers_.find(name);
    if (found != callers_.end()) {
      return found->second;
    }
  }
  return Refuse(Reason::kUnauthenticated,
                "the client certificate names no caller that is known here");
}

}  // namespace masa::identity
