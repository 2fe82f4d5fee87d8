// ovgs.v1 over a real socket with mutual TLS, on the store in memory: what the
// configuration changes, and how a stream goes. The table of roles and codes
// is deploy/interop/ovgs_cases.py.
#include "services/authority/ovgs/ovgs_face.h"

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
#include "services/authority/test_peer.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/test_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"

namespace masa::authority {
namespace {

namespace v1 = ::ovgs::v1;

// Writes down whom it is told of.
class Heard final : public ApiEvents {
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

class Api : public issuance::Desk {
 protected:
  Api() {
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
  std::unique_ptr<v1::OwnershipVoucherService::Stub> Ovgs(
      const std::string& name = "root") {
    return v1::OwnershipVoucherService::NewStub(Channel(name));
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

  // The fields that the error names.
  static std::string FieldsIn(const grpc::Status& status) {
    google::rpc::Status whole;
    google::rpc::BadRequest fields;
    whole.ParseFromString(status.error_details());
    for (const auto& any : whole.details()) {
      any.UnpackTo(&fields);
    }
    std::string names;
    for (const auto& violation : fields.field_violations()) {
      absl::StrAppend(&names, names.empty() ? "" : " ", violation.field());
    }
    return names;
  }

  // "OK", or the reason and the fields of the refusal.
  std::string CreateCert(const v1::CreateDomainCertRequest& request,
                         std::string* cert_id) {
    grpc::ClientContext call;
    v1::CreateDomainCertResponse response;
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
      {v1::OwnershipVoucherService::service_full_name(),
       masa::v1::GroupService::service_full_name(),
       masa::v1::AccessService::service_full_name()},
      {{v1::OwnershipVoucherService::service_full_name(), {"*"}},
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
  GroupFace groups_{desk_, serving_};
  issuance::ReadNotes notes_{store_.audit_log(), clock_};
  AccessFace access_{desk_, notes_, serving_};
  std::atomic<int> forgiven_ = 0;  // calls without an ien
  Heard calls_;
  std::unique_ptr<ovgs::OvgsFace> face_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(Api, AGroupIsStreamedWhole) {
  ImportMany(1200);
  grpc::ClientContext call;
  v1::GetComponentsRequest request;
  request.set_group_id("org-acme");
  const auto stub = Ovgs();
  const auto reader = stub->GetComponents(&call, request);
  std::set<std::string> seen;
  int items = 0;
  for (v1::GetComponentsResponse item; reader->Read(&item); ++items) {
    seen.insert(item.component().serial_number());
    EXPECT_EQ(item.serial().group_ids_size(), 1);
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(items, 1201);  // and OWNED-1
  EXPECT_EQ(seen.size(), 1201u);
}

TEST_F(Api, AStreamEndsWhenItsClientLeaves) {
  ImportMany(1200);
  {
    grpc::ClientContext call;
    v1::GetComponentsRequest request;
    request.set_group_id("org-acme");
    const auto stub = Ovgs();
    const auto reader = stub->GetComponents(&call, request);
    v1::GetComponentsResponse item;
    ASSERT_TRUE(reader->Read(&item));
    call.TryCancel();
    while (reader->Read(&item)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  server_->Drain(absl::Seconds(5));  // and nothing is left to wait for
}

TEST_F(Api, AStreamIsForWhoIsKnown) {
  grpc::ClientContext call;
  v1::GetComponentsResponse item;
  const auto stub = Ovgs("nobody");
  const auto reader = stub->GetComponents(&call, v1::GetComponentsRequest());
  EXPECT_FALSE(reader->Read(&item));
  EXPECT_EQ(ReasonIn(reader->Finish()), "UNAUTHENTICATED");
}

TEST_F(Api, EachAdmittedCallIsToldOfOnce) {
  ImportMany(1200);
  const auto stream = [&](const std::string& name) {
    grpc::ClientContext call;
    v1::GetComponentsRequest request;
    request.set_group_id("org-acme");
    const auto stub = Ovgs(name);
    const auto reader = stub->GetComponents(&call, request);
    for (v1::GetComponentsResponse item; reader->Read(&item);) {
    }
    reader->Finish();
  };
  const auto get = [&](const std::string& name) {
    grpc::ClientContext call;
    v1::GetDomainCertResponse response;
    Ovgs(name)->GetDomainCert(&call, v1::GetDomainCertRequest(), &response);
  };
  stream("root");  // in several pages
  get("root");     // refused by the desk, and told of all the same
  get("operator");
  get("nobody");  // not admitted
  stream("nobody");
  const std::vector<std::pair<std::string, bool>> expected = {
      {"GetComponents", false},
      {"GetDomainCert", false},
      {"GetDomainCert", true}};
  EXPECT_EQ(calls_.calls(), expected);
}

TEST_F(Api, ErrorsNameTheFieldsOfThisProtocol) {
  Serve({});
  v1::CreateDomainCertRequest create;
  create.set_group_id("org-acme");
  create.set_certificate_der("garbage");
  const int64_t now = absl::ToUnixSeconds(issuance::Noon());
  create.mutable_expiry_time()->set_seconds(now + 30 * 86'400);
  std::string cert_id;
  EXPECT_EQ(CreateCert(create, &cert_id), "CERT_MALFORMED certificate_der");
  create.set_certificate_der(domain_ca_.CertificateDer());
  create.mutable_expiry_time()->set_seconds(1);
  EXPECT_EQ(CreateCert(create, &cert_id), "LIFETIME_IN_PAST expiry_time");
  create.mutable_expiry_time()->set_seconds(now + 200'000'000'000);
  ASSERT_EQ(CreateCert(create, &cert_id), "OK");
  v1::GetOwnershipVoucherRequest order;
  v1::GetOwnershipVoucherResponse voucher;
  const auto ask = [&] {
    grpc::ClientContext call;
    return Ovgs()->GetOwnershipVoucher(&call, order, &voucher);
  };
  EXPECT_EQ(FieldsIn(ask()), "cert_id lifetime component.serial_number");
  order.mutable_component()->set_serial_number("OWNED-1");
  order.set_cert_id(cert_id);
  order.mutable_lifetime()->set_seconds(now + 100'000'000'000);
  const grpc::Status late = ask();
  EXPECT_EQ(ReasonIn(late), "LIFETIME_EXCEEDS_CERT");
  EXPECT_EQ(FieldsIn(late), "lifetime");
  EXPECT_EQ(late.error_message(),
            "lifetime is after the end of the domain certificate");
}

// O13: the code may tell, the words do not; and who tries is counted.
TEST_F(Api, WhatIsForeignIsSpokenOfAsUnknown) {
  const auto place = [this](const char* serial, const char* group, auto method,
                            auto request, auto response) {
    grpc::ClientContext call;
    request.mutable_component()->set_serial_number(serial);
    request.set_group_id(group);
    const auto status = (Ovgs().get()->*method)(&call, request, &response);
    return status.error_message() + FieldsIn(status);
  };
  const auto add = [&](const char* serial, const char* group) {
    return place(serial, group, &v1::OwnershipVoucherService::Stub::AddSerial,
                 v1::AddSerialRequest(), v1::AddSerialResponse());
  };
  const auto remove = [&](const char* serial, const char* group) {
    return place(serial, group,
                 &v1::OwnershipVoucherService::Stub::RemoveSerial,
                 v1::RemoveSerialRequest(), v1::RemoveSerialResponse());
  };
  const auto cert = [this](const char* cert_id) {
    grpc::ClientContext call;
    v1::GetDomainCertRequest request;
    request.set_cert_id(cert_id);
    v1::GetDomainCertResponse response;
    return Ovgs()->GetDomainCert(&call, request, &response).error_message();
  };
  // S-1 is nobody's.
  EXPECT_EQ(add(issuance::kSerial, "org-acme"), add("none", "org-acme"));
  EXPECT_EQ(remove(issuance::kSerial, "org-acme"), remove("none", "org-acme"));
  EXPECT_EQ(cert("cert-org-other"), cert("none"));
  EXPECT_EQ(
      calls_.probes(),
      (std::vector<std::string>{"AddSerial", "RemoveSerial", "GetDomainCert"}));
  // Who may not place anything in the group learns of no device.
  EXPECT_EQ(add("OWNED-1", "org-other"), add("none", "org-other"));
}

// O5
TEST_F(Api, ALargeGroupIsNotPutIntoOneAnswer) {
  ImportMany(3);
  masa::v1::Ovgs options;
  for (const uint32_t largest : {4, 3}) {
    options.set_largest_group(largest);
    Serve(options);
    grpc::ClientContext call;
    v1::GetGroupRequest request;
    request.set_group_id("org-acme");
    v1::GetGroupResponse response;
    const grpc::Status status = Ovgs()->GetGroup(&call, request, &response);
    EXPECT_EQ(ReasonIn(status), largest == 4 ? "OK" : "GROUP_TOO_LARGE");
    EXPECT_EQ(response.components_size(), largest == 4 ? 4 : 0);
    if (!status.ok()) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
      EXPECT_NE(status.error_message().find("GetComponents"),
                std::string::npos);
    }
  }
}

// O1, O2: as the configuration says.
TEST_F(Api, GapsAreClosedAsConfigured) {
  masa::v1::Ovgs options;
  for (const bool other : {false, true}) {
    options.set_assigners_give_roles(other);
    options.set_ien_required(other);
    Serve(options);
    grpc::ClientContext give, get;
    v1::AddUserRoleRequest role;
    role.set_username("new");
    role.set_user_type(v1::ACCOUNT_TYPE_USER);
    role.set_org_id("org-acme");
    role.set_group_id("org-acme");
    role.set_user_role(v1::USER_ROLE_REQUESTOR);
    v1::AddUserRoleResponse given;
    EXPECT_EQ(ReasonIn(Ovgs("assigner")->AddUserRole(&give, role, &given)),
              other ? "OK" : "PERMISSION_DENIED");
    v1::GetSerialRequest serial;
    serial.mutable_component()->set_serial_number("OWNED-1");
    v1::GetSerialResponse got;
    EXPECT_EQ(ReasonIn(Ovgs()->GetSerial(&get, serial, &got)),
              other ? "INVALID_ARGUMENT" : "OK");
    EXPECT_EQ(forgiven_, 1) << "once, by the first configuration";
    serial.mutable_component()->set_ien("0");
    grpc::ClientContext whole;
    EXPECT_EQ(ReasonIn(Ovgs()->GetSerial(&whole, serial, &got)), "OK");
    EXPECT_EQ(forgiven_, 1);
  }
}

// masa.v1 on the same records: request ids, etags, pages.
TEST_F(Api, GroupsHaveTheConventionsOfMasa) {
  const auto stub = masa::v1::GroupService::NewStub(Channel("root"));
  masa::v1::CreateGroupRequest create;
  create.set_parent_id("org-acme");
  create.set_description("North");
  create.set_request_id("7d0a0f3e-0000-4000-8000-000000000001");
  masa::v1::CreateGroupResponse first, again;
  grpc::ClientContext a, b, c, d, e, f, g;
  ASSERT_TRUE(stub->CreateGroup(&a, create, &first).ok());
  ASSERT_TRUE(stub->CreateGroup(&b, create, &again).ok());
  EXPECT_EQ(first.group().group_id(), again.group().group_id());
  create.set_description("South");
  EXPECT_EQ(ReasonIn(stub->CreateGroup(&c, create, &again)),
            "REQUEST_ID_REUSED");
  masa::v1::UpdateGroupRequest update;
  update.set_group_id(first.group().group_id());
  update.set_description("Far north");
  update.set_etag(first.group().etag());
  masa::v1::UpdateGroupResponse updated;
  ASSERT_TRUE(stub->UpdateGroup(&d, update, &updated).ok());
  EXPECT_EQ(updated.group().description(), "Far north");
  const grpc::Status stale = stub->UpdateGroup(&e, update, &updated);
  EXPECT_EQ(stale.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonIn(stale), "ETAG_MISMATCH");
  masa::v1::ListGroupsRequest list;
  list.set_page_size(1);
  masa::v1::ListGroupsResponse page;
  ASSERT_TRUE(stub->ListGroups(&f, list, &page).ok());
  ASSERT_EQ(page.groups_size(), 1);
  list.set_page_token(page.next_page_token());
  ASSERT_TRUE(stub->ListGroups(&g, list, &page).ok());
  EXPECT_EQ(page.groups_size(), 1);
  EXPECT_TRUE(page.next_page_token().empty());
}

TEST_F(Api, PermissionsAreThoseOfTheRole) {
  masa::v1::TestPermissionsRequest request;
  request.set_group_id("org-acme");
  for (const int permission : {1, 2, 3, 4, 5, 6, 7, 99}) {
    request.add_permissions(static_cast<masa::v1::Permission>(permission));
  }
  const struct {
    const char* name;
    int permissions;
  } cases[] = {{"root", 7}, {"assigner", 4}};
  for (const auto& c : cases) {
    grpc::ClientContext call;
    masa::v1::TestPermissionsResponse response;
    ASSERT_TRUE(masa::v1::AccessService::NewStub(Channel(c.name))
                    ->TestPermissions(&call, request, &response)
                    .ok());
    EXPECT_EQ(response.permissions_size(), c.permissions) << c.name;
  }
}

}  // namespace
}  // namespace masa::authority
