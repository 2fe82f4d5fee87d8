// A process that does as it is told and remembers what that was. For tests.
#ifndef SERVICES_ADMIN_TEST_ADMIN_DESK_H_
#define SERVICES_ADMIN_TEST_ADMIN_DESK_H_

#include <string>
#include <vector>

#include "services/admin/admin_desk.h"
#include "services/status/reason.h"

namespace masa::admin {

class TestAdminDesk final : public AdminDesk {
 public:
  static constexpr char kEventId[] = "0123456789abcdef";

  BuildInfo build{"\x01\x02",
                  "c++",
                  "1.51",
                  28,
                  {"edge"},
                  "pod-1",
                  absl::FromUnixSeconds(1000)};
  masa::v1::Config config;
  absl::Status reload_status;
  std::vector<ConfigDifference> differences;
  std::vector<SelfCheck> checks;
  LogLevels levels{"info", "info"};
  bool drained = false;
  std::string reason;
  std::string caller;

  BuildInfo Build() override { return build; }
  masa::v1::Config Configuration() override { return config; }
  absl::StatusOr<Noted<std::vector<ConfigDifference>>> Reload(
      const RequestContext&, const identity::Principal& who,
      bool validate_only) override {
    caller = who.name;
    if (!reload_status.ok()) {
      return reload_status;
    }
    return Noted<std::vector<ConfigDifference>>{differences,
                                                validate_only ? "" : kEventId};
  }
  LogLevels ReadLogLevel() override { return levels; }
  Noted<LogLevels> SetLogLevel(const RequestContext&,
                               const identity::Principal&,
                               const std::string& level,
                               absl::Duration lasts) override {
    levels.level = level;
    levels.until = absl::FromUnixSeconds(5000) + lasts;
    return {levels, kEventId};
  }
  std::string SetDrained(const RequestContext&, const identity::Principal&,
                         bool now_drained, const std::string& why) override {
    drained = now_drained;
    reason = why;
    return kEventId;
  }
  Noted<std::vector<SelfCheck>> RunSelfTest(
      const RequestContext&, const identity::Principal&) override {
    return {checks, ""};
  }
};

}  // namespace masa::admin

#endif  // SERVICES_ADMIN_TEST_ADMIN_DESK_H_
