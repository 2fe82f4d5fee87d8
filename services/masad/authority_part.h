// The deciding part of a process: stores, rules, and the gRPC listeners.
#ifndef SERVICES_MASAD_AUTHORITY_PART_H_
#define SERVICES_MASAD_AUTHORITY_PART_H_

#include <memory>
#include <vector>

#include "services/authority/access_face.h"
#include "services/authority/approval_face.h"
#include "services/authority/audit_face.h"
#include "services/authority/certificate_face.h"
#include "services/authority/device_face.h"
#include "services/authority/enrollment_face.h"
#include "services/authority/group_face.h"
#include "services/authority/key_face.h"
#include "services/authority/ovgs/ovgs_face.h"
#include "services/authority/ownership_face.h"
#include "services/authority/pledge_face.h"
#include "services/authority/policy_face.h"
#include "services/authority/registrar_face.h"
#include "services/authority/report_face.h"
#include "services/authority/transfer_face.h"
#include "services/authority/voucher_face.h"
#include "services/authority/voucher_job_face.h"
#include "services/executor/executor.h"
#include "services/issuance/answer_registrar.h"
#include "services/issuance/gathering_desk.h"
#include "services/issuance/gathering_resolve_desk.h"
#include "services/issuance/gathering_voucher_desk.h"
#include "services/issuance/key_expiry.h"
#include "services/issuance/run_voucher_jobs.h"
#include "services/issuance/serve_claims.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/serve_keys.h"
#include "services/issuance/serve_operators.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/serve_registry.h"
#include "services/issuance/serve_resolves.h"
#include "services/issuance/serve_transfers.h"
#include "services/issuance/serve_voucher_jobs.h"
#include "services/issuance/serve_vouchers.h"
#include "services/issuance/sign_histories.h"
#include "services/issuance/versioned_signer.h"
#include "services/issuance/watch_ownership.h"
#include "services/masad/files.h"
#include "services/masad/token_part.h"
#include "services/rpc/gate.h"
#include "services/telemetry/cache_metrics.h"
#include "services/telemetry/decorators.h"
#include "services/telemetry/timed_stages.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/caching_verifier.h"
#include "services/verification/hot_key_verifier.h"
#include "storage/issued_vouchers.h"

namespace masa::masad {

// The promises of storage, whatever keeps them.
struct Stores {
  storage::CatalogStore& catalog;
  storage::DeviceStore& devices;
  storage::IssuanceLog& log;
  storage::ClaimStore& claims;
  storage::OwnedDevices& owned;
  storage::GroupStore& groups;
  storage::DeviceRegistry& registry;
  storage::ImportStore& imports;
  storage::HistoryStore& histories;
  storage::TransferStore& transfers;
  storage::FeedStore& feed;
  storage::StandingStore& standings;
  storage::KeyStore& keys;
  storage::IssuedVouchers& issued;
  storage::VoucherJobStore& jobs;
};

// The use cases with what they need. Owns everything but the stores, the
// signer and the metrics, which outlive it.
class UseCases {
 public:
  // `gathered` is for calls that bring one item each, `direct` for those that
  // come gathered; both keep the same records.
  UseCases(const Stores& gathered, const Stores& direct,
           signing::Signer& signer, signing::KeyMaker& maker,
           telemetry::Metrics& metrics,
           const masa::v1::OwnershipWatch& watch = {});

  issuance::RegistrarDesk& registrars() { return observed_; }
  issuance::OperatorDesk& operators() { return operators_; }
  issuance::PolicyDesk& policies() { return policy_desk_; }
  issuance::ClaimDesk& claims() { return claim_desk_; }
  issuance::GroupDesk& groups() { return group_desk_; }
  issuance::RegistryDesk& registry() { return registry_desk_; }
  issuance::ServeTransfers& transfers() { return transfer_desk_; }
  issuance::SignHistories& histories() { return histories_; }
  issuance::WatchOwnership& watches() { return watches_; }
  issuance::ResolveDesk& resolves() { return resolve_desk_; }
  issuance::KeyDesk& keys() { return key_desk_; }

  absl::StatusOr<std::vector<issuance::KeyExpiry>> KeyExpiries(
      const RequestContext& context) {
    return issuance::ExpiriesOfKeys(context, policies_, signer_, clock_.Now());
  }
  issuance::VoucherDesk& vouchers() { return voucher_desk_; }
  issuance::VoucherJobDesk& jobs() { return job_desk_; }
  issuance::RunVoucherJobs& job_runner() { return job_runner_; }
  // For use cases that need more than these stores.
  const issuance::Tools& tools() const { return tools_; }

  // Of every key that products name.
  absl::StatusOr<std::vector<issuance::KeyHealth>> KeyHealths();

  // What the caches were asked: before each scrape, by one thread at a time.
  void UpdateCacheMetrics() { cache_metrics_.Update(); }

 private:
  issuance::Tools ToolsOf(const Stores& stores);

  const SystemClock clock_;
  telemetry::TimedStages stages_;
  verification::BoringVerifier boring_;
  verification::HotKeyVerifier hot_;
  verification::CachingVerifier verifier_;
  issuance::Policies policies_;
  issuance::VersionedSigner signer_;
  telemetry::CacheMetrics cache_metrics_;
  issuance::VoucherTemplates templates_;
  const issuance::Tools tools_;
  issuance::AnswerRegistrar registrars_;
  issuance::ServeOperators operators_;
  issuance::ServePolicies policy_desk_;
  issuance::ServeClaims claim_desk_;
  issuance::ServeGroups group_desk_;
  issuance::ServeRegistry registry_desk_;
  issuance::ServeTransfers transfer_desk_;
  issuance::SignHistories histories_;
  issuance::WatchOwnership watches_;
  issuance::ServeResolves resolve_desk_;
  issuance::ServeKeys key_desk_;
  issuance::ServeVouchers voucher_desk_;
  issuance::ServeVoucherJobs job_desk_;
  issuance::RunVoucherJobs job_runner_;
  telemetry::ObservedRegistrarDesk observed_;
};

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

#endif  // SERVICES_MASAD_AUTHORITY_PART_H_
