// Commands for one process of the service, which `--server` names: its listener
// `admin.rpc`. As in commands.h: each writes to `out`, and returns the exit
// status or an error.
#ifndef SERVICES_MASACTL_ADMIN_COMMANDS_H_
#define SERVICES_MASACTL_ADMIN_COMMANDS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct AdminArguments {
  std::string level;  // debug, info, warn, error; empty: only ask
  std::string lasts;  // 90s, 2h; empty: 15m
  std::string reason;
  bool check = false;
};

using AdminCommand = absl::StatusOr<int> (*)(const CommonOptions& options,
                                             const AdminArguments& arguments,
                                             Terminal terminal);

absl::StatusOr<int> ShowBuild(const CommonOptions& options,
                              const AdminArguments& arguments,
                              Terminal terminal);
absl::StatusOr<int> ShowConfig(const CommonOptions& options,
                               const AdminArguments& arguments,
                               Terminal terminal);
// What changed, a line each, and what of it waits for a restart.
absl::StatusOr<int> ReloadConfig(const CommonOptions& options,
                                 const AdminArguments& arguments,
                                 Terminal terminal);
absl::StatusOr<int> ChangeLogLevel(const CommonOptions& options,
                                   const AdminArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> DrainProcess(const CommonOptions& options,
                                 const AdminArguments& arguments,
                                 Terminal terminal);
absl::StatusOr<int> UndrainProcess(const CommonOptions& options,
                                   const AdminArguments& arguments,
                                   Terminal terminal);
// 0 when all holds, 1 when something does not.
absl::StatusOr<int> RunSelfTest(const CommonOptions& options,
                                const AdminArguments& arguments,
                                Terminal terminal);

// Adds the word `admin` with those of these commands; `choose` is called with
// the command that they name. All outlive the parsing.
void AddAdminWords(CLI::App& app, AdminArguments& arguments,
                   const std::function<void(AdminCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ADMIN_COMMANDS_H_
