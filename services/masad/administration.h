// What operators ask of this process and do to it: each change a line of the
// log, and an event of the audit log where this process writes such.
#ifndef SERVICES_MASAD_ADMINISTRATION_H_
#define SERVICES_MASAD_ADMINISTRATION_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/admin/admin_desk.h"
#include "services/config/check_config.h"
#include "services/issuance/administration_notes.h"
#include "services/masad/running_config.h"

namespace masa::masad {

class Administration final : public admin::AdminDesk {
 public:
  struct Hooks {
    std::function<void(bool drained)> set_drained;
    std::function<std::vector<admin::SelfCheck>(const RequestContext&)>
        self_test;
  };

  // `config` outlives this; so does `notes`, null where no events are written.
  Administration(RunningConfig& config, const config::Roles& roles,
                 issuance::AdministrationNotes* notes, Hooks hooks);

  admin::BuildInfo Build() override;
  masa::v1::Config Configuration() override;
  absl::StatusOr<admin::Noted<std::vector<admin::ConfigDifference>>> Reload(
      const RequestContext& context, const identity::Principal& caller,
      bool validate_only) override;
  admin::LogLevels ReadLogLevel() override;
  admin::Noted<admin::LogLevels> SetLogLevel(const RequestContext& context,
                                             const identity::Principal& caller,
                                             const std::string& level,
                                             absl::Duration lasts) override;
  std::string SetDrained(const RequestContext& context,
                         const identity::Principal& caller, bool drained,
                         const std::string& reason) override;
  admin::Noted<std::vector<admin::SelfCheck>> RunSelfTest(
      const RequestContext& context,
      const identity::Principal& caller) override;

 private:
  using Details = std::map<std::string, std::string>;

  // Writes line and event of what was done; the event's id, or nothing when it
  // could not be written, which the log says.
  absl::StatusOr<std::string> Note(const RequestContext& context,
                                   const identity::Principal& caller,
                                   const char* kind, Details details);

  RunningConfig& config_;
  issuance::AdministrationNotes* const notes_;
  const Hooks hooks_;
  admin::BuildInfo build_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_ADMINISTRATION_H_
