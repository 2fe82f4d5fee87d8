#include "services/authority/test_api.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/admin_face.h"
#include "services/admin/test_admin_desk.h"
#include "services/authority/access_face.h"
#include "services/authority/api_services.h"
#include "services/authority/approval_face.h"
#include "services/authority/audit_face.h"
#include "services/authority/certificate_face.h"
#include "services/authority/device_face.h"
#include "services/authority/group_face.h"
#include "services/authority/key_face.h"
#include "services/authority/ownership_face.h"
#include "services/authority/policy_face.h"
#include "services/authority/report_face.h"
#include "services/authority/test_peer.h"
#include "services/authority/transfer_face.h"
#include "services/authority/voucher_face.h"
#include "services/authority/voucher_job_face.h"
#include "services/issuance/gathering_voucher_desk.h"
#include "services/issuance/serve_audit.h"
#include "services/issuance/serve_certificates.h"
#include "services/issuance/serve_claims.h"
#include "services/issuance/serve_escrow.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/serve_keys.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/serve_reports.h"
#include "services/issuance/serve_verifications.h"
#include "services/issuance/serve_vouchers.h"
#include "services/issuance/watch_ownership.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "storage/memory/memory_certificates.h"
#include "storage/memory/memory_issued_vouchers.h"
#include "storage/memory/memory_job_runs.h"
#include "storage/memory/memory_reports.h"
#include "storage/memory/memory_verifications.h"

namespace masa::authority {
namespace {

absl::StatusOr<identity::Principal> Authenticate(
    const std::vector<std::string>& names) {
  using identity::Role;
  const std::string who = names.empty() ? "" : names.front();
  if (who == "urn:operator") {
    return identity::Principal{Role::kOperator, who, "acme", ""};
  }
  if (who == "urn:nowhere") {
    return Refuse(Reason::kUnauthenticated, "nobody knows this certificate");
  }
  if (who == "urn:foreign") {
    return identity::Principal{Role::kOperator, who, "globex", ""};
  }
  return identity::Principal{Role::kCustomer, who, "acme",
                             who == "urn:other" ? "org-other" : "org-acme",
                             who == "urn:nobody" ? "nobody" : "admin"};
}

rpc::Gate MakeGate() {
  std::vector<std::string> services = ApiServices();
  for (const std::string& more : VoucherJobServices()) {
    services.push_back(more);
  }
  services.push_back(masa::v1::AdminService::service_full_name());
  rpc::AllowList allow;
  for (const std::string& service : services) {
    allow[service] = {"*"};
  }
  return *rpc::Gate::Create(services, allow, Authenticate);
}

}  // namespace

struct Api::Served {
  explicit Served(Api& its_api) : api(its_api) {
    const testing::Identity identity = Peer("DNS:localhost", &ca);
    server = *rpc::Server::New(
        {"127.0.0.1:0", identity.CertificatePem(), identity.KeyPem(),
         ca.CertificatePem()},
        {&devices, &ownership, &vouchers, &audit, &policies_face, &approvals,
         &organizations, &groups, &access, &certs, &transfers, &keys,
         &certificates_face, &reports_face, &job_face, &operations, &admin});
    process.reload_status = Refuse(Reason::kMisconfigured, "it has a fault");
  }

  Api& api;
  const testing::Identity ca = Peer("", nullptr);
  Executor executor{{"test", 2, 16}};
  const rpc::Gate gate = MakeGate();
  const rpc::Serving serving{gate, executor};
  issuance::ServePolicies policy_desk{*api.tools_};
  issuance::ServeClaims claim_desk{*api.tools_};
  issuance::ServeGroups group_desk{*api.tools_};
  DeviceFace devices{*api.operator_desk_, *api.registry_desk_,
                     *api.transfer_desk_, serving};
  issuance::WatchOwnership watches{*api.tools_, api.store_, {}};
  OwnershipFace ownership{*api.resolve_desk_, watches, serving};
  storage::MemoryIssuedVouchers issued{api.store_};
  issuance::ServeVouchers voucher_desk{*api.tools_, issued};
  issuance::GatheringVoucherDesk issuing{voucher_desk, {"orders", 1, 256}};
  VoucherFace vouchers{*api.operator_desk_, issuing, serving};
  issuance::ServeAudit audit_desk{api.store_.audit_log(), api.store_,
                                  api.store_, *api.operator_desk_};
  storage::MemoryVerifications verifications{api.store_.audit_log()};
  issuance::ServeVerifications verification_desk{api.store_.audit_log(),
                                                 verifications, api.clock_};
  AuditFace audit{*api.operator_desk_, audit_desk, verification_desk, serving};
  PolicyFace policies_face{policy_desk, serving};
  ApprovalFace approvals{claim_desk, serving};
  OrganizationFace organizations{group_desk, serving};
  GroupFace groups{group_desk, *api.transfer_desk_, serving};
  issuance::ReadNotes notes{api.store_.audit_log(), api.clock_};
  AccessFace access{group_desk, notes, serving};
  DomainCertFace certs{group_desk, serving};
  TransferFace transfers{*api.transfer_desk_, serving};
  issuance::ServeKeys key_desk{*api.tools_, {api.store_, *api.signer_}};
  KeyFace keys{key_desk, serving};
  storage::MemoryCertificates certificates{api.store_};
  issuance::ServeCertificates certificate_desk{{*api.policies_, certificates,
                                                certificates, *api.signer_,
                                                api.verifier_, api.clock_}};
  CertificateFace certificates_face{certificate_desk, serving};
  storage::MemoryReports reports{api.store_};
  issuance::ServeReports report_desk{api.store_, api.store_, *api.policies_,
                                     reports};
  ReportFace reports_face{report_desk, serving};
  storage::MemoryJobRuns job_runs;
  issuance::ServeEscrow escrow_desk{
      *api.tools_,
      {api.job_desk_, voucher_desk, api.store_.audit_log(), job_runs},
      {}};
  VoucherJobFace job_face{api.job_desk_, escrow_desk, serving};
  OperationsFace operations{api.job_desk_, verification_desk, serving};
  // Beside the others here, on a listener of its own in masad.
  admin::TestAdminDesk process;
  admin::AdminFace admin{process, serving};
  std::unique_ptr<rpc::Server> server;
};

Api::Api() {
  masa::v1::Catalog catalog;
  for (const char* name : {"org-acme", "org-other"}) {
    auto* binding = catalog.add_access_bindings();
    binding->set_tenant_id("acme");
    binding->set_organization_id(name);
    binding->set_username("admin");
    binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
    binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
  }
  EXPECT_TRUE(store_.Apply({}, "test", issuance::Noon(), catalog).ok());
  served_ = std::make_unique<Served>(*this);
}

Api::~Api() = default;

std::shared_ptr<grpc::Channel> Api::ChannelOf(const std::string& who) {
  auto& channel = channels_[who];
  if (channel == nullptr) {
    const testing::Identity peer = Peer("URI:urn:" + who, &served_->ca);
    channel = rpc::MakeChannel(
        {absl::StrCat("127.0.0.1:", served_->server->port()), "",
         served_->ca.CertificatePem(), peer.CertificatePem(), peer.KeyPem()});
  }
  return channel;
}

uint64_t Api::Sequence(const std::string& tenant_id) {
  storage::MemoryAuditLog& log = store_.audit_log();
  storage::LogAppend append;
  append.tenant_id = tenant_id;
  append.epoch =
      **log.TakeLease({}, "test", absl::UnixEpoch(), absl::InfiniteFuture());
  append.from = log.ReadHead({}, tenant_id)->size;
  append.after.size = append.from;
  const auto rows = log.ReadOutbox({}, {}, 1000);
  for (const storage::OutboxRow& row : *rows) {
    if (row.tenant_id == tenant_id) {
      append.rows.push_back(row);
      append.after.size += row.entries.size();
    }
  }
  append.after.root = std::string(32, 'r');
  EXPECT_TRUE(log.Append({}, append).ok());
  return append.from;
}

}  // namespace masa::authority
