// ovgs.v1 over a real socket with mutual TLS, on the store in memory. For
// tests.
#ifndef SERVICES_AUTHORITY_TEST_OVGS_H_
#define SERVICES_AUTHORITY_TEST_OVGS_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/access.grpc.pb.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "services/authority/access_face.h"
#include "services/authority/group_face.h"
#include "services/authority/ovgs/ovgs_face.h"
#include "services/authority/test_fields.h"
#include "services/authority/test_peer.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/test_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"

namespace masa::authority {

// Writes down whom it is told of.
class OvgsHeard final : public ApiEvents {
 public:
  void OvgsCalled(absl::string_view method, CallerClass caller) override {
    absl::MutexLock lock(&mutex_);
    calls_.push_back({std::string(method), caller == CallerClass::kOperator});
  }
  void OvgsProbed(absl::string_view method) override {
    absl::MutexLock lock(&mutex_);
    probes_.emplace_back(method);
  }
  void CameByCookie() override {}

  // Method, and whether an operator called it.
  std::vector<std::pair<std::string, bool>> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  std::vector<std::string> probes() {
    absl::MutexLock lock(&mutex_);
    return probes_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::pair<std::string, bool>> calls_;
  std::vector<std::string> probes_;
};

class OvgsApi : public issuance::Desk {
 protected:
  OvgsApi() {
    masa::v1::Catalog catalog;
    auto* binding = catalog.add_access_bindings();
    binding->set_tenant_id("acme");
    binding->set_organization_id("org-acme");
    binding->set_username("root");
    binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
    binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
    *catalog.add_access_bindings() = *binding;
    catalog.mutable_access_bindings(1)->set_username("assigner");
    catalog.mutable_access_bindings(1)->set_role(masa::v1::GROUP_ROLE_ASSIGNER);
    EXPECT_TRUE(store_.Apply({}, "test", issuance::Noon(), catalog).ok());
    Serve({});
  }

  void Serve(const masa::v1::Ovgs& options) {
    server_.reset();
    face_ = std::make_unique<ovgs::OvgsFace>(
        desk_, options, serving_, [this] { ++forgiven_; }, calls_);
    const auto server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {face_.get(), &groups_, &access_});
  }

  std::shared_ptr<grpc::Channel> Channel(const std::string& name) {
    const auto identity = Peer("URI:urn:" + name, &ca_);
    return rpc::MakeChannel({"127.0.0.1:" + std::to_string(server_->port()), "",
                             ca_.CertificatePem(), identity.CertificatePem(),
                             identity.KeyPem()});
  }
  std::unique_ptr<::ovgs::v1::OwnershipVoucherService::Stub> Ovgs(
      const std::string& name = "root") {
    return ::ovgs::v1::OwnershipVoucherService::NewStub(Channel(name));
  }

  static std::string ReasonIn(const grpc::Status& status) {
    google::rpc::Status whole;
    google::rpc::ErrorInfo info;
    whole.ParseFromString(status.error_details());
    for (const auto& any : whole.details()) {
      if (any.UnpackTo(&info)) {
        break;
      }
    }
    return status.ok() ? "OK" : info.reason();
  }

  // "OK", or the reason and the fields of the refusal.
  std::string CreateCert(const ::ovgs::v1::CreateDomainCertRequest& request,
                         std::string* cert_id) {
    grpc::ClientContext call;
    ::ovgs::v1::CreateDomainCertResponse response;
    const grpc::Status status =
        Ovgs()->CreateDomainCert(&call, request, &response);
    *cert_id = response.cert_id();
    return status.ok() ? "OK"
                       : absl::StrCat(ReasonIn(status), " ", FieldsIn(status));
  }

  void ImportMany(int count) {
    for (int i = 0; i < count; ++i) {
      Import("MANY-" + std::to_string(i), "owned");
    }
  }

  testing::Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {::ovgs::v1::OwnershipVoucherService::service_full_name(),
       masa::v1::GroupService::service_full_name(),
       masa::v1::AccessService::service_full_name()},
      {{::ovgs::v1::OwnershipVoucherService::service_full_name(), {"*"}},
       {masa::v1::GroupService::service_full_name(), {"*"}},
       {masa::v1::AccessService::service_full_name(), {"*"}}},
      [](const std::vector<std::string>& names)
          -> absl::StatusOr<identity::Principal> {
        for (const std::string& name : names) {
          if (name == "urn:root" || name == "urn:assigner") {
            return identity::Principal{identity::Role::kCustomer, name, "acme",
                                       "org-acme", name.substr(4)};
          }
        }
        if (!names.empty() && names.front() == "urn:operator") {
          return identity::Principal{identity::Role::kOperator, names.front(),
                                     "acme", ""};
        }
        return Refuse(Reason::kUnauthenticated, "who?");
      });
  const rpc::Serving serving_{gate_, executor_};
  issuance::ServeGroups desk_{*tools_};
  GroupFace groups_{desk_, *transfer_desk_, serving_};
  issuance::ReadNotes notes_{store_.audit_log(), clock_};
  AccessFace access_{desk_, notes_, serving_};
  std::atomic<int> forgiven_ = 0;  // calls without an ien
  OvgsHeard calls_;
  std::unique_ptr<ovgs::OvgsFace> face_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_OVGS_H_
