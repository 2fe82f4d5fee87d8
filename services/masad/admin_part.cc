#include "services/masad/admin_part.h"

#include <utility>

#include "services/masad/signer_part.h"
#include "services/status/macros.h"

namespace masa::masad {
namespace {

constexpr int kThreads = 2;
constexpr size_t kQueueLimit = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<AdminPart>> AdminPart::New(
    const Setup& setup, const config::Roles& roles, RunningConfig& config,
    storage::AuditSequence* events, Administration::Hooks hooks) {
  const masa::v1::GrpcListener& listener = setup.config.admin().rpc();
  MASA_ASSIGN_OR_RETURN(
      rpc::Gate gate, BuildGate(listener, setup.config.authority().callers(),
                                {masa::v1::AdminService::service_full_name()}));
  std::unique_ptr<AdminPart> made(
      new AdminPart(std::move(gate), roles, config, events, std::move(hooks)));
  MASA_ASSIGN_OR_RETURN(const rpc::ServerOptions options,
                        ListenerOf(setup, listener));
  MASA_ASSIGN_OR_RETURN(made->server_,
                        rpc::Server::New(options, {&made->face_}));
  return made;
}

AdminPart::AdminPart(rpc::Gate gate, const config::Roles& roles,
                     RunningConfig& config, storage::AuditSequence* events,
                     Administration::Hooks hooks)
    : notes_(events == nullptr
                 ? nullptr
                 : std::make_unique<issuance::AdministrationNotes>(*events,
                                                                   clock_)),
      administration_(config, roles, notes_.get(), std::move(hooks)),
      gate_(std::move(gate)),
      executor_({"admin", kThreads, kQueueLimit}),
      face_(administration_, {gate_, executor_}) {}

}  // namespace masa::masad
