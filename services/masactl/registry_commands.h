// The commands of the device registry that edit one device or list many. Each
// returns as commands.h says.
#ifndef SERVICES_MASACTL_REGISTRY_COMMANDS_H_
#define SERVICES_MASACTL_REGISTRY_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct RegistryArguments {
  std::string serial;
  std::vector<std::string> serials;
  std::string product;
  std::string organization;
  std::string group;
  std::string filter;
  bool deleted = false;
  int limit = 0;  // 0: all
  std::string state;
  std::vector<std::string> settings;  // COLUMN=VALUE
  std::string etag;
  bool check = false;  // say what would come of it, change nothing
  std::string out_file;
};

using RegistryCommand = absl::StatusOr<int> (*)(
    const CommonOptions& options, const RegistryArguments& arguments,
    Terminal terminal);

absl::StatusOr<int> ListDevices(const CommonOptions& options,
                                const RegistryArguments& arguments,
                                Terminal terminal);
absl::StatusOr<int> CreateDevice(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal);
absl::StatusOr<int> UpdateDevice(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal);
absl::StatusOr<int> SetDeviceState(const CommonOptions& options,
                                   const RegistryArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> DeleteDevice(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal);
absl::StatusOr<int> UndeleteDevice(const CommonOptions& options,
                                   const RegistryArguments& arguments,
                                   Terminal terminal);
// Into the group `group`, which is the owner's root where it has its id.
absl::StatusOr<int> PlaceDevices(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal);
// CSV as `device import` reads it, or with --json one device a line.
absl::StatusOr<int> ExportDevices(const CommonOptions& options,
                                  const RegistryArguments& arguments,
                                  Terminal terminal);

// Adds these words below `device`; `choose` is called with the command that
// they name. All outlive the parsing.
void AddRegistryWords(CLI::App& device, RegistryArguments& arguments,
                      const std::function<void(RegistryCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_REGISTRY_COMMANDS_H_
