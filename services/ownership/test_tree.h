// An organisation for tests of the rules:
//
//   org-acme          root: ADMIN; open to nobody
//     north           admin (ADMIN), assigner, requestor; open to org-other
//       city          other/requestor (org-other)
//     south           open to everyone
#ifndef SERVICES_OWNERSHIP_TEST_TREE_H_
#define SERVICES_OWNERSHIP_TEST_TREE_H_

#include <string>

#include "services/ownership/group_access.h"
#include "storage/group.h"

namespace masa::ownership {

inline storage::Account AccountNamed(const std::string& name,
                                     const std::string& org = "org-acme") {
  return {org, name, storage::AccountType::kServiceAccount};
}

// As OVGS has it: told of what is foreign.
inline Actor ActorNamed(const std::string& name,
                        const std::string& org = "org-acme") {
  return {false, AccountNamed(name, org), true};
}

inline Actor Support() { return {true, AccountNamed("operator", ""), true}; }

inline storage::OrganizationTree Acme() {
  using storage::GroupRole;
  storage::OrganizationTree tree;
  tree.tenant_id = "acme";
  tree.organization.set_organization_id("org-acme");
  tree.version = 5;
  tree.groups = {{"org-acme", {"org-acme", "", "", 1}},
                 {"north", {"north", "org-acme", "North", 3}},
                 {"city", {"city", "north", "City", 1}},
                 {"south", {"south", "org-acme", "South", 1}}};
  tree.bindings = {
      {"org-acme", AccountNamed("root"), GroupRole::kAdmin},
      {"north", AccountNamed("admin"), GroupRole::kAdmin},
      {"north", AccountNamed("assigner"), GroupRole::kAssigner},
      {"north", AccountNamed("requestor"), GroupRole::kRequestor},
      {"city", AccountNamed("requestor", "org-other"), GroupRole::kRequestor}};
  tree.delegations = {{"north", "org-other"}, {"south", storage::kEveryone}};
  return tree;
}

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_TEST_TREE_H_
