// Commands about organisations, groups, roles, domain certificates and
// onboarding. As in
// commands.h: each writes to `out`, and returns the exit status or an error.
#ifndef SERVICES_MASACTL_GROUP_COMMANDS_H_
#define SERVICES_MASACTL_GROUP_COMMANDS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct GroupArguments {
  std::string organization;
  std::string name;
  std::string group;
  std::string parent;
  std::string username;
  std::string account_organization;
  std::string role;
  bool person = false;
  std::string cert_id;
  std::string cert_file;
  std::string expires_in;
  bool revocation_checks = false;
  std::string registrar_url;
  std::string est_domain;
  std::string configuration_url;
};

using GroupCommand = absl::StatusOr<int> (*)(const CommonOptions& options,
                                             const GroupArguments& arguments,
                                             Terminal terminal);

absl::StatusOr<int> ListOrganizations(const CommonOptions& options,
                                      const GroupArguments& arguments,
                                      Terminal terminal);
absl::StatusOr<int> CreateOrganization(const CommonOptions& options,
                                       const GroupArguments& arguments,
                                       Terminal terminal);
absl::StatusOr<int> RenameOrganization(const CommonOptions& options,
                                       const GroupArguments& arguments,
                                       Terminal terminal);
absl::StatusOr<int> DeleteOrganization(const CommonOptions& options,
                                       const GroupArguments& arguments,
                                       Terminal terminal);
absl::StatusOr<int> ListGroups(const CommonOptions& options,
                               const GroupArguments& arguments,
                               Terminal terminal);
absl::StatusOr<int> CreateGroup(const CommonOptions& options,
                                const GroupArguments& arguments,
                                Terminal terminal);
absl::StatusOr<int> RenameGroup(const CommonOptions& options,
                                const GroupArguments& arguments,
                                Terminal terminal);
absl::StatusOr<int> MoveGroup(const CommonOptions& options,
                              const GroupArguments& arguments,
                              Terminal terminal);
absl::StatusOr<int> DeleteGroup(const CommonOptions& options,
                                const GroupArguments& arguments,
                                Terminal terminal);
absl::StatusOr<int> Delegate(const CommonOptions& options,
                             const GroupArguments& arguments,
                             Terminal terminal);
absl::StatusOr<int> Undelegate(const CommonOptions& options,
                               const GroupArguments& arguments,
                               Terminal terminal);
absl::StatusOr<int> ListRoles(const CommonOptions& options,
                              const GroupArguments& arguments,
                              Terminal terminal);
absl::StatusOr<int> GiveRole(const CommonOptions& options,
                             const GroupArguments& arguments,
                             Terminal terminal);
absl::StatusOr<int> TakeRole(const CommonOptions& options,
                             const GroupArguments& arguments,
                             Terminal terminal);
absl::StatusOr<int> ListDomainCerts(const CommonOptions& options,
                                    const GroupArguments& arguments,
                                    Terminal terminal);
absl::StatusOr<int> AddDomainCert(const CommonOptions& options,
                                  const GroupArguments& arguments,
                                  Terminal terminal);
absl::StatusOr<int> RotateDomainCert(const CommonOptions& options,
                                     const GroupArguments& arguments,
                                     Terminal terminal);
absl::StatusOr<int> DeleteDomainCert(const CommonOptions& options,
                                     const GroupArguments& arguments,
                                     Terminal terminal);

absl::StatusOr<int> SetOnboarding(const CommonOptions& options,
                                  const GroupArguments& arguments,
                                  Terminal terminal);
absl::StatusOr<int> ShowOnboarding(const CommonOptions& options,
                                   const GroupArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> ClearOnboarding(const CommonOptions& options,
                                    const GroupArguments& arguments,
                                    Terminal terminal);

// Adds the words `org`, `group`, `role`, `domain-cert` and `onboarding`;
// `choose` is called with the command that they name. All outlive the parsing.
void AddGroupWords(CLI::App& app, GroupArguments& arguments,
                   const std::function<void(GroupCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_GROUP_COMMANDS_H_
