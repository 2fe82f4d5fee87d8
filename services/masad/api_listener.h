// The gRPC listener for operators, owners and auditors.
#ifndef SERVICES_MASAD_API_LISTENER_H_
#define SERVICES_MASAD_API_LISTENER_H_

#include <memory>
#include <vector>

#include "services/authority/access_face.h"
#include "services/authority/approval_face.h"
#include "services/authority/audit_face.h"
#include "services/authority/certificate_face.h"
#include "services/authority/device_face.h"
#include "services/authority/group_face.h"
#include "services/authority/key_face.h"
#include "services/authority/ovgs/ovgs_face.h"
#include "services/authority/ownership_face.h"
#include "services/authority/policy_face.h"
#include "services/authority/report_face.h"
#include "services/authority/transfer_face.h"
#include "services/authority/voucher_face.h"
#include "services/authority/voucher_job_face.h"
#include "services/executor/executor.h"
#include "services/issuance/gathering_resolve_desk.h"
#include "services/issuance/gathering_voucher_desk.h"
#include "services/masad/files.h"
#include "services/masad/token_part.h"
#include "services/rpc/gate.h"
#include "services/rpc/server.h"

namespace masa::masad {

// What the listener `authority.api` serves.
struct ApiDesks {
  issuance::OperatorDesk& operators;
  issuance::PolicyDesk& policies;
  issuance::ClaimDesk& claims;
  issuance::GroupDesk& groups;
  issuance::RegistryDesk& registry;
  issuance::TransferDesk& transfers;
  issuance::WatchDesk& watches;
  issuance::ResolveDesk& resolves;
  issuance::KeyDesk& keys;
  issuance::VoucherDesk& vouchers;
  issuance::VoucherJobDesk& jobs;
  issuance::EscrowDesk& escrow;
  issuance::ReadNotes& notes;
  issuance::AuditDesk& audit;
  issuance::VerificationDesk& verifications;
  issuance::CertificateDesk* certificates = nullptr;  // null: none are issued
  issuance::ReportDesk* reports = nullptr;            // null: no devices ask
};

// masa.v1 on the listener `authority.api`, and ovgs.v1 where it is enabled.
class ApiListener {
 public:
  static absl::StatusOr<std::unique_ptr<ApiListener>> New(const Setup& setup,
                                                          const ApiDesks& desks,
                                                          Executor& executor);
  ~ApiListener();

  int port() const { return server_->port(); }
  void Announce(bool serving) { server_->Announce(serving); }
  void Drain(absl::Duration within);

 private:
  ApiListener(std::unique_ptr<TokenPart> tokens, rpc::Gate gate,
              const ApiDesks& desks, const Setup& setup, Executor& executor);

  std::vector<grpc::Service*> Services(bool with_ovgs);

  const std::unique_ptr<TokenPart> tokens_;  // none: no tokens are taken
  const rpc::Gate gate_;
  const rpc::Serving serving_;
  issuance::GatheringResolveDesk gathering_;
  issuance::GatheringVoucherDesk issuing_;
  authority::DeviceFace devices_;
  authority::OwnershipFace ownership_;
  authority::VoucherFace vouchers_;
  authority::AuditFace audit_;
  authority::PolicyFace policies_;
  authority::ApprovalFace approvals_;
  authority::OrganizationFace organizations_;
  authority::GroupFace groups_;
  authority::AccessFace access_;
  authority::DomainCertFace domain_certs_;
  authority::TransferFace transfers_;
  authority::KeyFace keys_;
  authority::VoucherJobFaces jobs_;
  std::unique_ptr<authority::CertificateFace> certificates_;
  std::unique_ptr<authority::ReportFace> reports_;
  authority::ovgs::OvgsFace ovgs_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_API_LISTENER_H_
