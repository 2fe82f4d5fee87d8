// What masad was asked to do. The only place of this room that knows CLI11,
// whose exceptions end here.
#ifndef SERVICES_MASAD_COMMAND_LINE_H_
#define SERVICES_MASAD_COMMAND_LINE_H_

#include <string>
#include <variant>
#include <vector>

namespace masa::masad {

enum class Verb {
  kServe = 1,
  kMigrate,
  kApply,
  kRetention,
  kVerifyAudit,
  kVerifyBackup,
  kCheckConfig
};

enum class RoleName { kEdge = 1, kAuthority, kSigner, kAll };

struct CommandLine {
  Verb verb = Verb::kServe;
  RoleName role = RoleName::kAll;  // kServe, kCheckConfig
  std::string config_file;
  std::string catalog_file;  // kApply
};

// Nothing to run: help was asked for, or the words are off. `text` is for the
// person at the terminal.
struct CommandLineExit {
  int code = 0;
  std::string text;
};

// Reads argv without the program's name.
std::variant<CommandLine, CommandLineExit> ParseCommandLine(
    const std::vector<std::string>& arguments);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_COMMAND_LINE_H_
