#include "services/masad/command_line.h"

#include <map>
#include <sstream>

#include "CLI/CLI.hpp"

namespace masa::masad {
namespace {

const std::map<std::string, RoleName>& Roles() {
  static const auto& roles =
      *new std::map<std::string, RoleName>{{"edge", RoleName::kEdge},
                                           {"authority", RoleName::kAuthority},
                                           {"signer", RoleName::kSigner},
                                           {"all", RoleName::kAll}};
  return roles;
}

}  // namespace

std::variant<CommandLine, CommandLineExit> ParseCommandLine(
    const std::vector<std::string>& arguments) {
  CommandLine parsed;
  bool check_config = false;
  CLI::App app("masad: the Manufacturer Authorized Signing Authority");
  app.add_option("--role", parsed.role, "edge, authority, signer or all")
      ->transform(CLI::CheckedTransformer(Roles(), CLI::ignore_case));
  app.add_option("--config", parsed.config_file, "YAML file")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_flag("--check-config", check_config,
               "report every fault of the configuration and stop");
  auto* migrate =
      app.add_subcommand("migrate", "bring the database to this version")
          ->fallthrough();
  auto* apply =
      app.add_subcommand("apply",
                         "write a catalog of tenants, products and customers")
          ->fallthrough();
  apply->add_option("catalog", parsed.catalog_file, "YAML file")
      ->required()
      ->check(CLI::ExistingFile);
  app.require_subcommand(0, 1);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const int code = app.exit(error, text, text);
    return CommandLineExit{code == 0 ? 0 : 2, text.str()};
  }
  if (check_config) {
    parsed.verb = Verb::kCheckConfig;
  } else if (migrate->parsed()) {
    parsed.verb = Verb::kMigrate;
  } else if (apply->parsed()) {
    parsed.verb = Verb::kApply;
  }
  return parsed;
}

}  // namespace masa::masad
