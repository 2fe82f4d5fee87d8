// masad: the Manufacturer Authorized Signing Authority. Reads its command line
// and configuration, then serves, migrates, applies, forgets or verifies.
#include <csignal>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/config/check_config.h"
#include "services/config/yaml_reader.h"
#include "services/executor/no_core_dumps.h"
#include "services/masad/command_line.h"
#include "services/masad/config_watch.h"
#include "services/masad/database.h"
#include "services/masad/process.h"
#include "services/masad/reload.h"
#include "services/masad/retention_part.h"
#include "services/masad/running_config.h"
#include "services/masad/verify_part.h"
#include "services/rpc/end_process.h"
#include "services/rpc/library_log.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

using telemetry::Level;
using telemetry::Log;

constexpr int kFailed = 1;

config::Roles RolesOf(RoleName name) {
  const bool all = name == RoleName::kAll;
  return {all || name == RoleName::kEdge, all || name == RoleName::kAuthority,
          all || name == RoleName::kSigner};
}

int Report(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) {
    std::fprintf(stderr, "masad: %s\n", fault.c_str());
  }
  return kFailed;
}

int Report(const absl::Status& status) {
  return status.ok() ? 0 : Report({std::string(status.message())});
}

// What a job says of what it did, in one line.
int Report(const absl::StatusOr<std::string>& said) {
  if (said.ok()) {
    std::puts(said->c_str());
  }
  return Report(said.status());
}

int Apply(const Setup& setup, const std::string& catalog_file) {
  masa::v1::Catalog catalog;
  const auto faults = config::ReadYamlFile(catalog_file, &catalog);
  return faults.empty() ? Report(ApplyCatalog(setup, catalog)) : Report(faults);
}

// Returns with SIGTERM or SIGINT; SIGHUP asks for the configuration again.
int WaitForTheEnd(const sigset_t& signals, ConfigWatch& watch) {
  for (int signal = 0;;) {
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      return signal;
    }
    watch.ReloadNow();
  }
}

// Serves until SIGTERM or SIGINT, then drains.
int Serve(const std::string& path, const Setup& setup,
          const config::Roles& roles) {
  constexpr absl::Duration kGrace = absl::Seconds(20);
  // Blocked before any thread starts, so that all threads leave them to us.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  auto process = Process::New(setup, roles);
  if (!process.ok()) {
    return Report(process.status());
  }
  const Process::Ports ports = (*process)->ports();
  Log(Level::kInfo, "serving",
      {{"https_port", absl::StrCat(ports.https)},
       {"api_port", absl::StrCat(ports.api)},
       {"internal_port", absl::StrCat(ports.internal)},
       {"signer_port", absl::StrCat(ports.signer)},
       {"admin_port", absl::StrCat(ports.admin)},
       {"status_port", absl::StrCat(ports.status)},
       {"admin_rpc_port", absl::StrCat(ports.admin_rpc)}});
  int signal = 0;
  {
    ConfigWatch watch(
        (*process)->registry(), [&] { return DigestOfFiles(path); },
        [&] { return (*process)->config().Reload(false).status(); });
    signal = WaitForTheEnd(signals, watch);
  }
  Log(Level::kInfo, "draining", {{"signal", absl::StrCat(signal)}});
  (*process)->Drain(kGrace);
  Log(Level::kInfo, "stopped");
  return 0;
}

// What a process of these roles is for.
int RunRoles(const CommandLine& line, const Setup& setup) {
  const config::Roles roles = RolesOf(line.role);
  const std::vector<std::string> faults =
      config::CheckConfig(setup.config, roles, setup.folder);
  if (!faults.empty()) {
    return Report(faults);
  }
  switch (line.verb) {
    case Verb::kApply:
      return Apply(setup, line.catalog_file);
    case Verb::kCheckConfig:
      std::puts("the configuration is good");
      return 0;
    default:
      return Serve(line.config_file, setup, roles);
  }
}

int Run(const CommandLine& line) {
  Setup setup{{}, FolderOf(line.config_file)};
  setup.file = line.config_file;
  const std::vector<std::string> faults =
      config::ReadYamlFile(line.config_file, &setup.config);
  if (!faults.empty()) {
    return Report(faults);
  }
  telemetry::SetLogLevel(telemetry::LevelNamed(setup.config.log().level()));
  switch (line.verb) {
    case Verb::kMigrate:
      return Report(MigrateDatabase(setup));
    case Verb::kRetention:
      return Report(ForgetOldRecords(setup));
    case Verb::kVerifyAudit:
      return Report(VerifyAudit(setup));
    case Verb::kVerifyBackup:
      return Report(VerifyBackup(setup));
    default:
      return RunRoles(line, setup);
  }
}

}  // namespace
}  // namespace masa::masad

int main(int argc, char** argv) {
  if (!masa::ForbidCoreDumps()) {
    std::fputs("masad: the system does not let it forbid core dumps\n", stderr);
    return 1;
  }
  const auto parsed = masa::masad::ParseCommandLine(
      std::vector<std::string>(argv + 1, argv + argc));
  if (const auto* exit = std::get_if<masa::masad::CommandLineExit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  masa::rpc::SendLibraryLogTo([](const std::string& text, int64_t left_out) {
    masa::telemetry::Log(
        masa::telemetry::Level::kWarn, "the gRPC library says",
        {{"detail", text}, {"left_out", absl::StrCat(left_out)}});
  });
  masa::rpc::EndProcess(
      masa::masad::Run(std::get<masa::masad::CommandLine>(parsed)));
}
