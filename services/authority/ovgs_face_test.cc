// ovgs.v1 over a real socket with mutual TLS, on the store in memory: what the
// configuration changes, and how a stream goes. The table of roles and codes
// is deploy/interop/ovgs_cases.py.
#include "services/authority/test_ovgs.h"

namespace masa::authority {
namespace {

namespace v1 = ::ovgs::v1;

TEST_F(OvgsApi, AGroupIsStreamedWhole) {
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

TEST_F(OvgsApi, AStreamEndsWhenItsClientLeaves) {
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

TEST_F(OvgsApi, AStreamIsForWhoIsKnown) {
  grpc::ClientContext call;
  v1::GetComponentsResponse item;
  const auto stub = Ovgs("nobody");
  const auto reader = stub->GetComponents(&call, v1::GetComponentsRequest());
  EXPECT_FALSE(reader->Read(&item));
  EXPECT_EQ(ReasonIn(reader->Finish()), "UNAUTHENTICATED");
}

TEST_F(OvgsApi, EachAdmittedCallIsToldOfOnce) {
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

// O5
TEST_F(OvgsApi, ALargeGroupIsNotPutIntoOneAnswer) {
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
TEST_F(OvgsApi, GapsAreClosedAsConfigured) {
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
TEST_F(OvgsApi, GroupsHaveTheConventionsOfMasa) {
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

TEST_F(OvgsApi, PermissionsAreThoseOfTheRole) {
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
