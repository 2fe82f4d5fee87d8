// Whatever changes something by masa.v1 is an event of the audit log, with who
// did it and by which call: over a socket, by tables that must name every RPC.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/generic/generic_stub.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"
#include "services/authority/api_changes.h"
#include "services/authority/api_services.h"
#include "services/authority/test_api.h"
#include "services/authority/test_call.h"
#include "services/rpc/channel.h"
#include "storage/audit_kinds.h"

namespace masa::authority {
namespace {

using google::protobuf::Message;

// What needs more than this table has: where its event is shown.
constexpr std::pair<const char*, const char*> kElsewhere[] = {
    {"DeviceService/ImportDevices", "storage/contract/import_contract.cc"},
    {"VoucherService/StreamIssueVouchers", "issue_stream_test.cc"},
    {"VoucherJobService/GetEscrowManifest",
     "services/issuance/serve_escrow_test.cc"},
    {"PolicyService/UpdateTenant", "services/issuance/serve_policies_test.cc"},
    {"ApprovalService/DecideClaim", "services/issuance/approval_test.cc"},
    {"CertificateService/RevokeCertificate",
     "storage/contract/certificate_contract.cc"},
    {"CertificateService/CreateEnrollmentToken",
     "storage/contract/certificate_contract.cc"},
    {"KeyAdminService/DestroyKeyVersion",
     "services/issuance/serve_key_destruction_test.cc"},
    {"KeyAdminService/CreateKeyVersion",
     "services/issuance/serve_keys_test.cc"},
    {"KeyAdminService/ImportKeyVersion",
     "services/issuance/serve_keys_test.cc"},
    {"KeyAdminService/ActivateKeyVersion",
     "services/issuance/serve_keys_test.cc"},
    {"KeyAdminService/RetireKeyVersion",
     "services/issuance/serve_keys_test.cc"},
};

// What changes nothing. Of those that show who did what, an operator's reads
// are events all the same (services/issuance/noted_reads.h).
constexpr const char* kReads[] = {
    "AccessService/TestPermissions",
    "ApprovalService/ListClaims",
    "AuditService/GetCheckpoint",
    "AuditService/GetConsistencyProof",
    "AuditService/GetDeviceAuditLog",
    "AuditService/GetInclusionProof",
    "AuditService/ListAuditEvents",
    "AuditService/ListCheckpoints",
    "AuditService/StreamAuditEvents",
    "CertificateService/GetCertificate",
    "CertificateService/ListCertificates",
    "DeviceService/BatchGetDevices",
    "DeviceService/ExportDevices",
    "DeviceService/GetDevice",
    "DeviceService/GetImport",
    "DeviceService/ListDevices",
    "DomainCertService/GetDomainCert",
    "DomainCertService/ListDomainCerts",
    "DomainCertService/ListExpiringDomainCerts",
    "GroupService/GetGroup",
    "GroupService/GetGroupTree",
    "GroupService/GetOnboarding",
    "GroupService/ListDelegations",
    "GroupService/ListGroups",
    "KeyAdminService/GetCertificateRequest",
    "KeyAdminService/ListKeys",
    "KeyAdminService/TestKey",
    "OrganizationService/GetOrganization",
    "OrganizationService/ListOrganizations",
    "OwnershipService/ResolveOwnership",
    "OwnershipService/ResolveOwnerships",
    "OwnershipService/StreamResolveOwnership",
    "OwnershipService/WatchOwnershipChanges",
    "PolicyService/GetProduct",
    "PolicyService/GetTenant",
    "PolicyService/ListProducts",
    "ReportService/ListDeviceReports",
    "TransferService/GetOwnershipHistory",
    "TransferService/GetTransfer",
    "TransferService/ListTransfers",
    "TransferService/VerifyOwnershipHistory",
    "VoucherJobService/ExportVouchers",
    "VoucherJobService/GetVoucherJob",
    "VoucherJobService/ListVoucherJobs",
    "VoucherJobService/WaitVoucherJob",
    "VoucherService/GetTrustAnchors",
    "VoucherService/GetVoucher",
    "VoucherService/ListVouchers",
};

struct SeenEvent {
  std::string kind;
  std::string actor;
  std::string request_id;
  bool says_before = false;
};

class ApiEvents : public Api {
 protected:
  ApiEvents() {
    // Something to verify.
    EXPECT_TRUE(store_.audit_log()
                    .KeepCheckpoint({}, {"acme", 1, issuance::Noon(), "note"})
                    .ok());
  }

  static std::unique_ptr<Message> New(
      const google::protobuf::Descriptor* type) {
    return std::unique_ptr<Message>(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(type)
            ->New());
  }

  // The answer, or nothing with a failure. A message that has a place for the
  // id says it there, with the metadata or, `alone`, without: then it is the
  // call's.
  std::unique_ptr<Message> Ask(const ChangeRow& row,
                               const std::string& request_id, bool alone) {
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            absl::StrCat("masa.v1.",
                         absl::StrReplaceAll(row.method, {{"/", "."}})));
    auto request = New(method->input_type());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrReplaceAll(
            row.request, {{"$CERT", absl::CEscape(domain_ca_.CertificateDer())},
                          {"$ID", kept_}}),
        request.get()))
        << row.request;
    const auto* field = method->input_type()->FindFieldByName("request_id");
    if (field != nullptr) {
      request->GetReflection()->SetString(
          request.get(), field,
          alone ? request_id : absl::StrCat("beside-", request_id));
    }
    grpc::ClientContext context;
    rpc::Carry({alone && field != nullptr ? "" : request_id, "",
                absl::InfiniteFuture()},
               &context);
    grpc::ByteBuffer answer;
    const grpc::Status status =
        CallByName(ChannelOf(row.who), row.method, *request, &context, &answer);
    EXPECT_TRUE(status.ok()) << row.method << ": " << status.error_message();
    auto response = New(method->output_type());
    grpc::Slice whole;
    if (status.ok() && answer.DumpToSingleSlice(&whole).ok()) {
      EXPECT_TRUE(response->ParseFromArray(whole.begin(),
                                           static_cast<int>(whole.size())));
    }
    return response;
  }

  // Keeps the field `path` of the answer as $ID.
  void Keep(const Message& response, const std::string& path) {
    const Message* at = &response;
    for (const std::string& name :
         std::vector<std::string>(absl::StrSplit(path, '.'))) {
      const auto* field = at->GetDescriptor()->FindFieldByName(name);
      ASSERT_NE(field, nullptr) << path;
      if (field->message_type() != nullptr) {
        at = &at->GetReflection()->GetMessage(*at, field);
      } else {
        kept_ = at->GetReflection()->GetString(*at, field);
      }
    }
  }

  // Those since the last call.
  std::vector<SeenEvent> NewEvents() {
    std::vector<SeenEvent> events;
    for (const std::string tenant_id : {"acme", ""}) {
      const uint64_t first = Sequence(tenant_id);
      const auto entries =
          store_.audit_log().ReadEntries({}, tenant_id, first, 1000);
      for (const storage::LoggedEvent& logged : *entries) {
        events.push_back(
            {logged.event->kind, logged.event->who.actor,
             logged.event->who.request_id,
             absl::StrContains(logged.event->payload, "\"before\":{")});
      }
    }
    // These are kept by themselves in memory.
    const auto of_jobs = jobs_.Events();
    for (; jobs_seen_ < of_jobs.size(); ++jobs_seen_) {
      events.push_back({of_jobs[jobs_seen_].kind, of_jobs[jobs_seen_].actor,
                        of_jobs[jobs_seen_].request_id});
    }
    return events;
  }

  std::string kept_;
  size_t jobs_seen_ = 0;
};

TEST_F(ApiEvents, EachChangeIsOneOfItsKindByWhoAskedForIt) {
  (void)NewEvents();
  int number = 0;
  for (const ChangeRow& row : kChanges) {
    const std::string request_id = absl::StrCat("call-", ++number);
    const auto response = Ask(row, request_id, number % 2 == 1);
    if (*row.keeps != '\0') {
      Keep(*response, row.keeps);
    }
    bool is_there = false;
    std::string kinds;
    for (const SeenEvent& event : NewEvents()) {
      absl::StrAppend(&kinds, event.kind, " by ", event.actor, " in ",
                      event.request_id,
                      event.says_before ? " with what was before; " : "; ");
      is_there = is_there || (event.kind == row.kind &&
                              event.actor == absl::StrCat("urn:", row.who) &&
                              event.request_id == request_id &&
                              (event.says_before || !row.replaces));
    }
    EXPECT_TRUE(is_there) << row.method << " wrote " << kinds;
  }
}

TEST_F(ApiEvents, NoRpcIsLeftOut) {
  std::set<std::string> known(std::begin(kReads), std::end(kReads));
  for (const ChangeRow& row : kChanges) {
    known.insert(row.method);
  }
  for (const auto& [method, where] : kElsewhere) {
    EXPECT_TRUE(known.insert(method).second) << method << " stands twice";
  }
  std::vector<std::string> services = ApiServices();
  services.push_back(masa::v1::VoucherJobService::service_full_name());
  for (const std::string& service : services) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            service);
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const std::string name =
          absl::StrCat(descriptor->name(), "/", descriptor->method(i)->name());
      EXPECT_TRUE(known.contains(name))
          << name << " neither changes nor reads, by the tables of this test";
    }
  }
}

}  // namespace
}  // namespace masa::authority
