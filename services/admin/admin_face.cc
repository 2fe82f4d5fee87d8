#include "services/admin/admin_face.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "services/issuance/operators_only.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/uuid_text.h"

namespace masa::admin {
namespace {

using identity::Principal;

constexpr absl::Duration kUsualLevelTime = absl::Minutes(15);
constexpr absl::Duration kLongestLevelTime = absl::Hours(24);
constexpr size_t kLongestReason = 200;

// By their numbers in the .proto file.
constexpr std::array<const char*, 5> kLevels = {"", "debug", "info", "warn",
                                                "error"};

masa::v1::LogLevel LevelNamed(const std::string& name) {
  for (size_t i = 1; i < kLevels.size(); ++i) {
    if (name == kLevels[i]) {
      return static_cast<masa::v1::LogLevel>(i);
    }
  }
  return masa::v1::LOG_LEVEL_UNSPECIFIED;
}

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  return timestamp;
}

google::protobuf::Duration DurationOf(absl::Duration duration) {
  google::protobuf::Duration message;
  const int64_t micros = absl::ToInt64Microseconds(duration);
  message.set_seconds(micros / 1'000'000);
  message.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  return message;
}

// As the .proto file says; kInvalidArgument.
absl::StatusOr<absl::Duration> LevelTimeOf(
    const masa::v1::SetLogLevelRequest& request) {
  FieldChecker check;
  const int level = request.level();
  if (level <= 0 || level >= static_cast<int>(kLevels.size())) {
    check.Fault("level", "is DEBUG, INFO, WARN or ERROR");
  }
  const absl::Duration lasts = absl::Seconds(request.lasts().seconds()) +
                               absl::Nanoseconds(request.lasts().nanos());
  if (request.has_lasts() &&
      (lasts <= absl::ZeroDuration() || lasts > kLongestLevelTime)) {
    check.Fault("lasts", "is more than nothing, and a day at most");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  return request.has_lasts() ? lasts : kUsualLevelTime;
}

// A line of the log is no place for what is not text.
absl::Status CheckReason(const std::string& reason) {
  FieldChecker check;
  const bool has_control =
      std::any_of(reason.begin(), reason.end(),
                  [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (reason.size() > kLongestReason || has_control) {
    check.Fault("reason", "is one line of at most 200 octets");
  }
  return check.Finish();
}

masa::v1::LogLevelState MessageOf(const LogLevels& levels) {
  masa::v1::LogLevelState state;
  state.set_level(LevelNamed(levels.level));
  state.set_configured(LevelNamed(levels.configured));
  if (levels.until > absl::UnixEpoch()) {
    *state.mutable_until() = TimestampOf(levels.until);
  }
  return state;
}

masa::v1::ConfigChange MessageOf(const ConfigDifference& difference) {
  masa::v1::ConfigChange change;
  change.set_path(difference.path);
  change.set_running(difference.running);
  change.set_in_file(difference.in_file);
  change.set_needs_restart(difference.needs_restart);
  return change;
}

masa::v1::SelfCheck MessageOf(const SelfCheck& check) {
  masa::v1::SelfCheck message;
  message.set_name(check.name);
  if (!check.status.ok()) {
    message.set_reason(std::string(InfoOf(ReasonOf(check.status)).name));
    message.set_detail(std::string(PublicMessage(check.status)));
  }
  *message.mutable_took() = DurationOf(check.took);
  return message;
}

}  // namespace

grpc::ServerUnaryReactor* AdminFace::Serve(grpc::CallbackServerContext* context,
                                           rpc::Handler body) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AdminService::service_full_name(),
      [body = std::move(body)](const RequestContext& ours,
                               const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(issuance::CheckIsOperator(caller));
        return body(ours, caller);
      });
}

grpc::ServerUnaryReactor* AdminFace::GetBuildInfo(
    grpc::CallbackServerContext* context, const masa::v1::GetBuildInfoRequest*,
    masa::v1::GetBuildInfoResponse* response) {
  return Serve(context, [=, this](const RequestContext&, const Principal&) {
    const BuildInfo build = desk_.Build();
    response->set_binary_sha256(absl::BytesToHexString(build.binary_sha256));
    response->set_compiler(build.compiler);
    response->set_grpc_version(build.grpc_version);
    response->set_schema_version(build.schema_version);
    for (const std::string& role : build.roles) {
      response->add_roles(role);
    }
    response->set_instance(build.instance);
    *response->mutable_started_at() = TimestampOf(build.started_at);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminFace::GetConfig(
    grpc::CallbackServerContext* context, const masa::v1::GetConfigRequest*,
    masa::v1::GetConfigResponse* response) {
  return Serve(context, [=, this](const RequestContext&, const Principal&) {
    *response->mutable_config() = desk_.Configuration();
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminFace::ReloadConfig(
    grpc::CallbackServerContext* context,
    const masa::v1::ReloadConfigRequest* request,
    masa::v1::ReloadConfigResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            const auto reloaded,
            desk_.Reload(ours, caller, request->validate_only()));
        for (const ConfigDifference& one : reloaded.result) {
          *response->add_changes() = MessageOf(one);
        }
        response->set_audit_event_id(wire::UuidTextOf(reloaded.event_id));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AdminFace::GetLogLevel(
    grpc::CallbackServerContext* context, const masa::v1::GetLogLevelRequest*,
    masa::v1::GetLogLevelResponse* response) {
  return Serve(context, [=, this](const RequestContext&, const Principal&) {
    *response->mutable_state() = MessageOf(desk_.ReadLogLevel());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminFace::SetLogLevel(
    grpc::CallbackServerContext* context,
    const masa::v1::SetLogLevelRequest* request,
    masa::v1::SetLogLevelResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const absl::Duration lasts,
                                       LevelTimeOf(*request));
                 const auto done = desk_.SetLogLevel(
                     ours, caller, kLevels[request->level()], lasts);
                 *response->mutable_state() = MessageOf(done.result);
                 response->set_audit_event_id(wire::UuidTextOf(done.event_id));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AdminFace::Drain(
    grpc::CallbackServerContext* context, const masa::v1::DrainRequest* request,
    masa::v1::DrainResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_RETURN_IF_ERROR(CheckReason(request->reason()));
                 response->set_audit_event_id(wire::UuidTextOf(
                     desk_.SetDrained(ours, caller, true, request->reason())));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AdminFace::Undrain(
    grpc::CallbackServerContext* context, const masa::v1::UndrainRequest*,
    masa::v1::UndrainResponse* response) {
  return Serve(
      context, [=, this](const RequestContext& ours, const Principal& caller) {
        response->set_audit_event_id(
            wire::UuidTextOf(desk_.SetDrained(ours, caller, false, "")));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AdminFace::RunSelfTest(
    grpc::CallbackServerContext* context, const masa::v1::RunSelfTestRequest*,
    masa::v1::RunSelfTestResponse* response) {
  return Serve(
      context, [=, this](const RequestContext& ours, const Principal& caller) {
        const auto tested = desk_.RunSelfTest(ours, caller);
        bool passed = true;
        for (const SelfCheck& check : tested.result) {
          passed = passed && check.status.ok();
          *response->add_checks() = MessageOf(check);
        }
        response->set_passed(passed);
        response->set_audit_event_id(wire::UuidTextOf(tested.event_id));
        return absl::OkStatus();
      });
}

}  // namespace masa::admin
