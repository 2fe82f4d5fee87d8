// The listener `admin.rpc` of a process, and what stands behind it.
#ifndef SERVICES_MASAD_ADMIN_PART_H_
#define SERVICES_MASAD_ADMIN_PART_H_

#include <memory>

#include "services/admin/admin_face.h"
#include "services/executor/executor.h"
#include "services/masad/administration.h"
#include "services/masad/files.h"
#include "services/observe/clock.h"
#include "services/rpc/gate.h"
#include "services/rpc/server.h"

namespace masa::masad {

class AdminPart {
 public:
  // Serves from here on; not made where the configuration has no `admin.rpc`.
  // `config`, what `hooks` call, and `events`, null where this process writes
  // none, outlive it.
  static absl::StatusOr<std::unique_ptr<AdminPart>> New(
      const Setup& setup, const config::Roles& roles, RunningConfig& config,
      storage::AuditSequence* events, Administration::Hooks hooks);

  int port() const { return server_->port(); }

 private:
  AdminPart(rpc::Gate gate, const config::Roles& roles, RunningConfig& config,
            storage::AuditSequence* events, Administration::Hooks hooks);

  const SystemClock clock_;
  const std::unique_ptr<issuance::AdministrationNotes> notes_;
  Administration administration_;
  const rpc::Gate gate_;
  // Its own: whoever looks after a process that has too much to do is not
  // turned away with the others.
  Executor executor_;
  admin::AdminFace face_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_ADMIN_PART_H_
