#include "CLI/CLI.hpp"
#include "services/masactl/admin_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(AdminCommand)>;

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               AdminCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

}  // namespace

void AddAdminWords(CLI::App& app, AdminArguments& arguments,
                   const Choose& choose) {
  AdminArguments& a = arguments;
  CLI::App* admin = app.add_subcommand("admin",
                                       "one process: --server names its "
                                       "listener admin.rpc")
                        ->require_subcommand(1)
                        ->fallthrough();
  Word(admin, "build", "what runs, and since when", ShowBuild, choose);
  Word(admin, "config", "what it runs by, as JSON, without secrets", ShowConfig,
       choose);
  auto* reload = Word(admin, "reload", "read the configuration's file again",
                      ReloadConfig, choose);
  reload->add_flag("--check", a.check, "say what would change, no more");
  auto* level = Word(admin, "log-level", "which lines are written, or shall be",
                     ChangeLogLevel, choose);
  level->add_option("LEVEL", a.level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  level->add_option("--for", a.lasts,
                    "as long: 90s, 2h, a day at most; 15m when absent");
  auto* drain =
      Word(admin, "drain", "not ready from now on", DrainProcess, choose);
  drain->add_option("--reason", a.reason,
                    "kept in its log and in the audit event");
  Word(admin, "undrain", "takes that back", UndrainProcess, choose);
  Word(admin, "self-test", "try what the process needs; status 1 when it fails",
       RunSelfTest, choose);
}

}  // namespace masa::masactl
