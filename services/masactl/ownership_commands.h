// Commands about who owns what, and when that changes. As in commands.h: each
// writes to `out`, and returns the exit status or an error.
#ifndef SERVICES_MASACTL_OWNERSHIP_COMMANDS_H_
#define SERVICES_MASACTL_OWNERSHIP_COMMANDS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct OwnershipArguments {
  std::string from;  // a token of an earlier watch; empty: from now on
};

// Writes changes, and the tokens behind them, until it is interrupted, which is
// success. A stream that breaks is gone on with in another one.
absl::StatusOr<int> WatchOwnership(const CommonOptions& options,
                                   const OwnershipArguments& arguments,
                                   Terminal terminal);

// Adds to the word `ownership`, which is there; `watch` is called when that was
// said. All outlive the parsing.
void AddOwnershipWords(CLI::App& app, OwnershipArguments& arguments,
                       const std::function<void()>& watch);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OWNERSHIP_COMMANDS_H_
