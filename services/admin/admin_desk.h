// What an operator may ask of one process: the promise behind
// masa.v1.AdminService. Callers have been found to be operators. Thread-safe;
// calls may block.
#ifndef SERVICES_ADMIN_ADMIN_DESK_H_
#define SERVICES_ADMIN_ADMIN_DESK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/config.pb.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"

namespace masa::admin {

struct BuildInfo {
  std::string binary_sha256;  // 32 octets; empty when it cannot be read
  std::string compiler;
  std::string grpc_version;
  int schema_version = 0;
  std::vector<std::string> roles;
  std::string instance;
  absl::Time started_at;
};

// A field that the file has otherwise than the process, without secrets.
struct ConfigDifference {
  std::string path;
  std::string running;
  std::string in_file;
  bool needs_restart = false;
};

struct LogLevels {
  std::string level;  // debug, info, warn, error
  std::string configured;
  absl::Time until = absl::InfinitePast();  // past: as configured
};

struct SelfCheck {
  std::string name;
  absl::Status status;
  absl::Duration took;
};

// What was done, and the audit event that says so: 16 octets, or empty where
// none was written.
template <typename Result>
struct Noted {
  Result result;
  std::string event_id;
};

class AdminDesk {
 public:
  virtual ~AdminDesk() = default;

  virtual BuildInfo Build() = 0;
  // Without secrets.
  virtual masa::v1::Config Configuration() = 0;

  // kMisconfigured, with all faults of the file; then nothing is taken. Nothing
  // is taken or noted either where `validate_only`.
  virtual absl::StatusOr<Noted<std::vector<ConfigDifference>>> Reload(
      const RequestContext& context, const identity::Principal& caller,
      bool validate_only) = 0;

  virtual LogLevels ReadLogLevel() = 0;
  // `level` is one of the names above. From now on, for `lasts`.
  virtual Noted<LogLevels> SetLogLevel(const RequestContext& context,
                                       const identity::Principal& caller,
                                       const std::string& level,
                                       absl::Duration lasts) = 0;

  // The event's id. With `drained`, the process is not ready from here on and
  // serves those that come; without, it is again.
  virtual std::string SetDrained(const RequestContext& context,
                                 const identity::Principal& caller,
                                 bool drained, const std::string& reason) = 0;

  virtual Noted<std::vector<SelfCheck>> RunSelfTest(
      const RequestContext& context, const identity::Principal& caller) = 0;
};

}  // namespace masa::admin

#endif  // SERVICES_ADMIN_ADMIN_DESK_H_
