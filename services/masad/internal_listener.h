// The gRPC listener for edges.
#ifndef SERVICES_MASAD_INTERNAL_LISTENER_H_
#define SERVICES_MASAD_INTERNAL_LISTENER_H_

#include <memory>
#include <vector>

#include "services/authority/enrollment_face.h"
#include "services/authority/pledge_face.h"
#include "services/authority/registrar_face.h"
#include "services/executor/executor.h"
#include "services/issuance/gathering_desk.h"
#include "services/masad/files.h"
#include "services/rpc/gate.h"
#include "services/rpc/server.h"

namespace masa::masad {

// What the listener `authority.internal` serves; null: not here.
struct InternalDesks {
  issuance::RegistrarDesk& registrars;
  issuance::EnrollmentDesk* enrollment = nullptr;
  issuance::StatusDesk* status = nullptr;
  issuance::PledgeDesk* pledges = nullptr;
};

// RegistrarService, EnrollmentService, CertificateStatusService and
// PledgeService on the listener `authority.internal`.
class InternalListener {
 public:
  static absl::StatusOr<std::unique_ptr<InternalListener>> New(
      const Setup& setup, const InternalDesks& desks, Executor& executor);
  int port() const { return server_->port(); }
  void Announce(bool serving) { server_->Announce(serving); }
  void Drain(absl::Duration within) { server_->Drain(within); }

 private:
  InternalListener(rpc::Gate gate, const InternalDesks& desks,
                   Executor& executor);
  std::vector<grpc::Service*> Services();

  const rpc::Gate gate_;
  const rpc::Serving serving_;
  issuance::GatheringDesk gathering_;
  authority::RegistrarFace face_;
  std::unique_ptr<authority::EnrollmentFace> enrollment_;
  std::unique_ptr<authority::CertificateStatusFace> status_;
  std::unique_ptr<authority::PledgeFace> pledges_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_INTERNAL_LISTENER_H_
