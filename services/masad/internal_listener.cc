#include "services/masad/internal_listener.h"

#include "services/masad/gathering_options.h"
#include "services/masad/signer_part.h"
#include "services/status/macros.h"

namespace masa::masad {

InternalListener::InternalListener(rpc::Gate gate, const InternalDesks& desks,
                                   Executor& executor)
    : gate_(std::move(gate)),
      serving_{gate_, executor},
      gathering_(desks.registrars, GatheringOptions("vouchers")),
      face_(gathering_, serving_) {
  if (desks.enrollment != nullptr) {
    enrollment_ = std::make_unique<authority::EnrollmentFace>(*desks.enrollment,
                                                              serving_);
  }
  if (desks.status != nullptr) {
    status_ = std::make_unique<authority::CertificateStatusFace>(*desks.status,
                                                                 serving_);
  }
  if (desks.pledges != nullptr) {
    pledges_ =
        std::make_unique<authority::PledgeFace>(*desks.pledges, serving_);
  }
}

std::vector<grpc::Service*> InternalListener::Services() {
  std::vector<grpc::Service*> services = {&face_};
  if (enrollment_ != nullptr) {
    services.push_back(enrollment_.get());
  }
  if (status_ != nullptr) {
    services.push_back(status_.get());
  }
  if (pledges_ != nullptr) {
    services.push_back(pledges_.get());
  }
  return services;
}

absl::StatusOr<std::unique_ptr<InternalListener>> InternalListener::New(
    const Setup& setup, const InternalDesks& desks, Executor& executor) {
  const masa::v1::AuthorityConfig& config = setup.config.authority();
  MASA_ASSIGN_OR_RETURN(
      rpc::Gate gate,
      BuildGate(config.internal(), config.callers(),
                {masa::v1::RegistrarService::service_full_name(),
                 masa::v1::EnrollmentService::service_full_name(),
                 masa::v1::CertificateStatusService::service_full_name(),
                 masa::v1::PledgeService::service_full_name()}));
  std::unique_ptr<InternalListener> made(
      new InternalListener(std::move(gate), desks, executor));
  MASA_ASSIGN_OR_RETURN(const rpc::ServerOptions options,
                        ListenerOf(setup, config.internal()));
  MASA_ASSIGN_OR_RETURN(made->server_,
                        rpc::Server::New(options, made->Services()));
  return made;
}

}  // namespace masa::masad
