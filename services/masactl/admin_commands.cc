#include "services/masactl/admin_commands.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "proto/masa/v1/admin.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/phrases.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::AdminService;

std::string NameOf(masa::v1::LogLevel level) {
  return absl::AsciiStrToLower(
      masa::v1::LogLevel_Name(level).substr(std::string("LOG_LEVEL_").size()));
}

absl::StatusOr<masa::v1::LogLevel> LevelNamed(const std::string& name) {
  masa::v1::LogLevel level = masa::v1::LOG_LEVEL_UNSPECIFIED;
  if (!masa::v1::LogLevel_Parse(
          absl::StrCat("LOG_LEVEL_", absl::AsciiStrToUpper(name)), &level)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a level is debug, info, warn or error: ", name));
  }
  return level;
}

std::string SentenceOf(const masa::v1::LogLevelState& state) {
  std::string sentence =
      absl::StrCat("lines from ", NameOf(state.level()), " on are written");
  if (state.has_until()) {
    absl::StrAppend(
        &sentence, " until ", TimeText(state.until()),
        state.level() == state.configured()
            ? ", and after that"
            : absl::StrCat(", then from ", NameOf(state.configured()), " on"));
  }
  return sentence;
}

std::string Shown(const std::string& value) {
  return value.empty() ? "(not there)" : value;
}

}  // namespace

absl::StatusOr<int> ShowBuild(const CommonOptions& options,
                              const AdminArguments&, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      const auto build,
      Ask<AdminService>(options, &AdminService::Stub::GetBuildInfo,
                        masa::v1::GetBuildInfoRequest()));
  return Tell(
      options, terminal, build,
      absl::StrCat("instance  ", build.instance(), "\nroles     ",
                   absl::StrJoin(build.roles(), " "), "\nstarted   ",
                   TimeText(build.started_at()),
                   "\nprogram   sha256:", build.binary_sha256(), "\nschema    ",
                   build.schema_version(), "\ncompiler  ", build.compiler(),
                   "\ngrpc      ", build.grpc_version()));
}

absl::StatusOr<int> ShowConfig(const CommonOptions& options,
                               const AdminArguments&, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AdminService>(options, &AdminService::Stub::GetConfig,
                        masa::v1::GetConfigRequest()));
  terminal.out << JsonOf(response.config()) << '\n';
  return 0;
}

absl::StatusOr<int> ReloadConfig(const CommonOptions& options,
                                 const AdminArguments& arguments,
                                 Terminal terminal) {
  masa::v1::ReloadConfigRequest request;
  request.set_validate_only(arguments.check);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AdminService>(options, &AdminService::Stub::ReloadConfig, request));
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return 0;
  }
  for (const masa::v1::ConfigChange& change : response.changes()) {
    terminal.out << change.path() << ": " << Shown(change.running()) << " -> "
                 << Shown(change.in_file())
                 << (change.needs_restart() ? "  (at the next start)" : "")
                 << '\n';
  }
  terminal.out << (response.changes().empty() ? "the file has nothing else\n"
                   : arguments.check          ? "nothing was taken\n"
                                              : "taken\n");
  return 0;
}

absl::StatusOr<int> ChangeLogLevel(const CommonOptions& options,
                                   const AdminArguments& arguments,
                                   Terminal terminal) {
  if (arguments.level.empty()) {
    if (!arguments.lasts.empty()) {
      return absl::InvalidArgumentError("--for needs the LEVEL it is for");
    }
    MASA_ASSIGN_OR_RETURN(
        const auto response,
        Ask<AdminService>(options, &AdminService::Stub::GetLogLevel,
                          masa::v1::GetLogLevelRequest()));
    return Tell(options, terminal, response, SentenceOf(response.state()));
  }
  masa::v1::SetLogLevelRequest request;
  MASA_ASSIGN_OR_RETURN(const masa::v1::LogLevel level,
                        LevelNamed(arguments.level));
  request.set_level(level);
  absl::Duration lasts = absl::Minutes(15);
  if (!arguments.lasts.empty() &&
      !absl::ParseDuration(arguments.lasts, &lasts)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--for is like 90s, 15m or 2h: ", arguments.lasts));
  }
  request.mutable_lasts()->set_seconds(absl::ToInt64Seconds(lasts));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AdminService>(options, &AdminService::Stub::SetLogLevel, request));
  return Tell(options, terminal, response, SentenceOf(response.state()));
}

absl::StatusOr<int> DrainProcess(const CommonOptions& options,
                                 const AdminArguments& arguments,
                                 Terminal terminal) {
  masa::v1::DrainRequest request;
  request.set_reason(arguments.reason);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AdminService>(options, &AdminService::Stub::Drain, request));
  return Tell(options, terminal, response,
              "the process is not ready any more; `masactl admin undrain` "
              "takes that back");
}

absl::StatusOr<int> UndrainProcess(const CommonOptions& options,
                                   const AdminArguments&, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto response,
                        Ask<AdminService>(options, &AdminService::Stub::Undrain,
                                          masa::v1::UndrainRequest()));
  return Tell(options, terminal, response, "the process takes work again");
}

absl::StatusOr<int> RunSelfTest(const CommonOptions& options,
                                const AdminArguments&, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AdminService>(options, &AdminService::Stub::RunSelfTest,
                        masa::v1::RunSelfTestRequest()));
  const int status = response.passed() ? 0 : 1;
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return status;
  }
  for (const masa::v1::SelfCheck& check : response.checks()) {
    terminal.out << (check.reason().empty() ? "ok      " : "FAILED  ")
                 << check.name();
    if (!check.reason().empty()) {
      terminal.out << ": " << check.reason() << ": " << check.detail();
    }
    terminal.out << '\n';
  }
  return status;
}

}  // namespace masa::masactl
