#include "CLI/CLI.hpp"
#include "services/masactl/ownership_commands.h"

namespace masa::masactl {

void AddOwnershipWords(CLI::App& app, OwnershipArguments& arguments,
                       const std::function<void()>& watch) {
  auto* word =
      app.get_subcommand("ownership")
          ->add_subcommand(
              "watch",
              "each change, as it comes, until it is interrupted; of two "
              "of a device the greater version is the later one");
  word->add_option("--from", arguments.from,
                   "go on behind this token of an earlier watch; from now on "
                   "when absent");
  word->fallthrough()->callback(watch);
}

}  // namespace masa::masactl
