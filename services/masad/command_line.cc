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

std::string Wrong(const std::string& role) {
  return Roles().count(CLI::detail::to_lower(role)) != 0
             ? ""
             : "edge, authority, signer or all is needed, not " + role;
}

// The words that do something else than serve.
struct Verbs {
  CLI::App* migrate;
  CLI::App* apply;
  CLI::App* retention;
  CLI::App* verify_audit;
  CLI::App* verify_backup;

  Verb Chosen() const {
    return migrate->parsed()         ? Verb::kMigrate
           : apply->parsed()         ? Verb::kApply
           : retention->parsed()     ? Verb::kRetention
           : verify_audit->parsed()  ? Verb::kVerifyAudit
           : verify_backup->parsed() ? Verb::kVerifyBackup
                                     : Verb::kServe;
  }
};

Verbs AddVerbs(CLI::App& app, CommandLine& parsed) {
  Verbs verbs;
  verbs.migrate =
      app.add_subcommand("migrate", "bring the database to this version");
  verbs.apply = app.add_subcommand(
      "apply", "write a catalog of tenants, products and customers");
  verbs.apply->add_option("catalog", parsed.catalog_file, "YAML file")
      ->required()
      ->check(CLI::ExistingFile);
  verbs.retention = app.add_subcommand(
      "retention", "forget what is older than each tenant's period");
  verbs.verify_audit = app.add_subcommand(
      "verify-audit", "hold the audit log against its signed checkpoints");
  verbs.verify_backup = app.add_subcommand(
      "verify-backup", "hold a restored database against what is outside");
  for (CLI::App* verb : {verbs.migrate, verbs.apply, verbs.retention,
                         verbs.verify_audit, verbs.verify_backup}) {
    verb->fallthrough();
  }
  return verbs;
}

}  // namespace

std::variant<CommandLine, CommandLineExit> ParseCommandLine(
    const std::vector<std::string>& arguments) {
  CommandLine parsed;
  bool check_config = false;
  CLI::App app("masad: the Manufacturer Authorized Signing Authority");
  app.failure_message([](const CLI::App* of, const CLI::Error& error) {
    return "masad: " + CLI::FailureMessage::simple(of, error);
  });
  app.add_option_function<std::string>(
         "--role",
         [&parsed](const std::string& role) {
           parsed.role = Roles().at(CLI::detail::to_lower(role));
         },
         "edge, authority, signer or all; all when absent")
      ->check(CLI::Validator(Wrong, ""));
  app.add_option("--config", parsed.config_file, "YAML file")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_flag("--check-config", check_config,
               "report every fault of the configuration and stop");
  const Verbs verbs = AddVerbs(app, parsed);
  app.require_subcommand(0, 1);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const int code = app.exit(error, text, text);
    return CommandLineExit{code == 0 ? 0 : 2, text.str()};
  }
  parsed.verb = check_config ? Verb::kCheckConfig : verbs.Chosen();
  return parsed;
}

}  // namespace masa::masad
