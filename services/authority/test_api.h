// All of masa.v1 on a socket, as the `api` listener serves it, with callers of
// each kind. For tests.
#ifndef SERVICES_AUTHORITY_TEST_API_H_
#define SERVICES_AUTHORITY_TEST_API_H_

#include <map>
#include <memory>
#include <string>
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
#include "services/issuance/test_voucher_jobs.h"
#include "services/issuance/watch_ownership.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "storage/memory/memory_certificates.h"
#include "storage/memory/memory_issued_vouchers.h"
#include "storage/memory/memory_reports.h"
#include "storage/memory/memory_verifications.h"

namespace masa::authority {

class Api : public issuance::JobDesk {
 protected:
  Api() {
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
    const testing::Identity server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New(
        {"127.0.0.1:0", server.CertificatePem(), server.KeyPem(),
         ca_.CertificatePem()},
        {&devices_, &ownership_, &vouchers_, &audit_, &policies_face_,
         &approvals_, &organizations_, &groups_, &access_, &certs_, &transfers_,
         &keys_, &certificates_face_, &reports_face_, &job_face_, &operations_,
         &admin_});
    process_.reload_status = Refuse(Reason::kMisconfigured, "it has a fault");
  }

  // `operator`, `acme` and `other` (administrators of these customers),
  // `nobody` (of org-acme, without a role), `foreign` (another tenant's
  // operator), `nowhere` (whom nobody knows).
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& who) {
    auto& channel = channels_[who];
    if (channel == nullptr) {
      const testing::Identity peer = Peer("URI:urn:" + who, &ca_);
      channel = rpc::MakeChannel({absl::StrCat("127.0.0.1:", server_->port()),
                                  "", ca_.CertificatePem(),
                                  peer.CertificatePem(), peer.KeyPem()});
    }
    return channel;
  }

 private:
  static absl::StatusOr<identity::Principal> Authenticate(
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

  static rpc::Gate MakeGate() {
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

  const testing::Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = MakeGate();
  const rpc::Serving serving_{gate_, executor_};
  issuance::ServePolicies policy_desk_{*tools_};
  issuance::ServeClaims claim_desk_{*tools_};
  issuance::ServeGroups group_desk_{*tools_};
  DeviceFace devices_{*operator_desk_, *registry_desk_, *transfer_desk_,
                      serving_};
  issuance::WatchOwnership watches_{*tools_, store_, {}};
  OwnershipFace ownership_{*resolve_desk_, watches_, serving_};
  storage::MemoryIssuedVouchers issued_{store_};
  issuance::ServeVouchers voucher_desk_{*tools_, issued_};
  issuance::GatheringVoucherDesk issuing_{voucher_desk_, {"orders", 1, 256}};
  VoucherFace vouchers_{*operator_desk_, issuing_, serving_};
  issuance::ServeAudit audit_desk_{store_.audit_log(), store_, *operator_desk_};
  storage::MemoryVerifications verifications_{store_.audit_log()};
  issuance::ServeVerifications verification_desk_{store_.audit_log(),
                                                  verifications_, clock_};
  AuditFace audit_{*operator_desk_, audit_desk_, verification_desk_, serving_};
  PolicyFace policies_face_{policy_desk_, serving_};
  ApprovalFace approvals_{claim_desk_, serving_};
  OrganizationFace organizations_{group_desk_, serving_};
  GroupFace groups_{group_desk_, serving_};
  issuance::ReadNotes notes_{store_.audit_log(), clock_};
  AccessFace access_{group_desk_, notes_, serving_};
  DomainCertFace certs_{group_desk_, serving_};
  TransferFace transfers_{*transfer_desk_, serving_};
  issuance::ServeKeys key_desk_{*tools_, {store_, *signer_}};
  KeyFace keys_{key_desk_, serving_};
  storage::MemoryCertificates certificates_{store_};
  issuance::ServeCertificates certificate_desk_{
      {*policies_, certificates_, certificates_, *signer_, verifier_, clock_}};
  CertificateFace certificates_face_{certificate_desk_, serving_};
  storage::MemoryReports reports_{store_};
  issuance::ServeReports report_desk_{store_, store_, reports_};
  ReportFace reports_face_{report_desk_, serving_};
  issuance::ServeEscrow escrow_desk_{
      *tools_, {job_desk_, voucher_desk_, store_.audit_log()}, {}};
  VoucherJobFace job_face_{job_desk_, escrow_desk_, serving_};
  OperationsFace operations_{job_desk_, verification_desk_, serving_};
  // Beside the others here, on a listener of its own in masad.
  admin::TestAdminDesk process_;
  admin::AdminFace admin_{process_, serving_};
  std::unique_ptr<rpc::Server> server_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_API_H_
