#include "services/masad/administration.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/config/redact.h"
#include "services/masad/program_digest.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"
#include "storage/audit_kinds.h"
#include "storage/postgres/migrate.h"

namespace masa::masad {
namespace {

using telemetry::Level;
using telemetry::Log;

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

std::vector<std::string> NamesOf(const config::Roles& roles) {
  std::vector<std::string> names;
  for (const auto& [has, name] :
       {std::pair(roles.edge, "edge"), std::pair(roles.authority, "authority"),
        std::pair(roles.signer, "signer")}) {
    if (has) {
      names.push_back(name);
    }
  }
  return names;
}

std::string PathsOf(const std::vector<admin::ConfigDifference>& differences) {
  return absl::StrJoin(
      differences, ", ", [](std::string* out, const auto& difference) {
        absl::StrAppend(out, difference.path,
                        difference.needs_restart ? " (restart)" : "");
      });
}

std::string FailuresOf(const std::vector<admin::SelfCheck>& checks) {
  std::vector<std::string> failed;
  for (const admin::SelfCheck& check : checks) {
    if (!check.status.ok()) {
      failed.push_back(check.name);
    }
  }
  return absl::StrJoin(failed, ", ");
}

}  // namespace

Administration::Administration(RunningConfig& config,
                               const config::Roles& roles,
                               issuance::AdministrationNotes* notes,
                               Hooks hooks)
    : config_(config), notes_(notes), hooks_(std::move(hooks)) {
  build_.compiler = __VERSION__;
  build_.grpc_version = grpc::Version();
  build_.schema_version = storage::NewestSchemaVersion();
  build_.roles = NamesOf(roles);
  build_.instance = HostName();
  build_.started_at = absl::Now();
}

admin::BuildInfo Administration::Build() {
  admin::BuildInfo build = build_;
  build.binary_sha256 = ProgramDigest();
  return build;
}

masa::v1::Config Administration::Configuration() {
  masa::v1::Config config = config_.Current();
  config::Redact(&config);
  return config;
}

absl::StatusOr<admin::Noted<std::vector<admin::ConfigDifference>>>
Administration::Reload(const RequestContext& context,
                       const identity::Principal& caller, bool validate_only) {
  MASA_ASSIGN_OR_RETURN(auto differences, config_.Reload(validate_only));
  std::string event_id;
  if (!validate_only) {
    event_id = Note(context, caller, storage::kConfigReloaded,
                    {{"changes", PathsOf(differences)}})
                   .value_or("");
  }
  return admin::Noted<std::vector<admin::ConfigDifference>>{
      std::move(differences), std::move(event_id)};
}

admin::LogLevels Administration::ReadLogLevel() {
  const auto state = telemetry::ProcessLogLevel().Read(absl::Now());
  return {telemetry::NameOf(state.level), telemetry::NameOf(state.configured),
          state.until};
}

admin::Noted<admin::LogLevels> Administration::SetLogLevel(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& level, absl::Duration lasts) {
  const absl::Time until = absl::Now() + lasts;
  // Before: a line that is dropped afterwards says what happened.
  const auto event =
      Note(context, caller, storage::kLogLevelSet,
           {{"log_level", level}, {"until", telemetry::FormatLogTime(until)}});
  telemetry::ProcessLogLevel().Override(telemetry::LevelNamed(level), until);
  return {ReadLogLevel(), event.value_or("")};
}

std::string Administration::SetDrained(const RequestContext& context,
                                       const identity::Principal& caller,
                                       bool drained,
                                       const std::string& reason) {
  // First: an incident does not wait for the database.
  hooks_.set_drained(drained);
  return Note(context, caller,
              drained ? storage::kProcessDrained : storage::kProcessUndrained,
              {{"why", reason}})
      .value_or("");
}

admin::Noted<std::vector<admin::SelfCheck>> Administration::RunSelfTest(
    const RequestContext& context, const identity::Principal& caller) {
  std::vector<admin::SelfCheck> checks = hooks_.self_test(context);
  const absl::Time began = absl::Now();
  const auto event = Note(context, caller, storage::kSelfTestRun,
                          {{"failed", FailuresOf(checks)}});
  if (notes_ != nullptr) {
    checks.push_back({"audit event", event.status(), absl::Now() - began});
  }
  return {std::move(checks), event.value_or("")};
}

absl::StatusOr<std::string> Administration::Note(
    const RequestContext& context, const identity::Principal& caller,
    const char* kind, Details details) {
  details["instance"] = build_.instance;
  details["roles"] = absl::StrJoin(build_.roles, " ");
  Log(Level::kWarn, "an operator asked this process",
      {{"kind", kind},
       {"caller", caller.name},
       {"request_id", context.request_id},
       {"details", absl::StrJoin(details, "; ", absl::PairFormatter("="))}});
  if (notes_ == nullptr) {
    return std::string();
  }
  auto event = notes_->Write(context, caller, kind, details);
  if (!event.ok()) {
    Log(Level::kError, "what an operator did is no audit event",
        {{"kind", kind},
         {"request_id", context.request_id},
         {"reason", std::string(InfoOf(ReasonOf(event.status())).name)},
         {"detail", std::string(event.status().message())}});
  }
  return event;
}

}  // namespace masa::masad
