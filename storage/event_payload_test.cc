// What audit events say of a change: how it is, and how it was before.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <map>
#include <string>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "services/testing/test_pki.h"
#include "storage/audit_event.h"
#include "storage/certificate_rules.h"
#include "storage/key_rules.h"
#include "storage/tree_event.h"

namespace masa::storage {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

// The members of "before", by name: an object has no order.
std::string BeforeIn(const AuditEvent& event) {
  google::protobuf::Struct payload;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(event.payload, &payload).ok())
      << event.payload;
  const auto found = payload.fields().find("before");
  if (found == payload.fields().end()) {
    return "";
  }
  std::map<std::string, std::string> members;
  for (const auto& [name, value] : found->second.struct_value().fields()) {
    (void)google::protobuf::util::MessageToJsonString(value, &members[name]);
  }
  return absl::StrJoin(members, " ", absl::PairFormatter(":"));
}

Device Router() {
  Device device;
  device.tenant_id = "a";
  device.serial_number = "R-1";
  device.product_id = "router";
  device.organization_id = "acme";
  device.group_id = "north";
  device.state = DeviceState::kAllocated;
  return device;
}

AuditEvent Changed(const Device* before, const Device& device) {
  return DeviceEvent(kDeviceUpdated, before, device, "who", kNow, "request");
}

TEST(IssuedEvent, SaysWhichDeviceWasMadeForTheCertificate) {
  IssuedCertificate certificate;
  certificate.tenant_id = "a";
  certificate.subject = "R-1";
  certificate.serial = "\x41\x02";
  certificate.profile = "factory";
  certificate.certificate_der = "abc";
  Device made = Router();
  made.idevid_issuer = "\xca";
  made.idevid_cert_der = certificate.certificate_der;
  const Change change = {"line:1", kNow, "request"};
  // The SHA-256 of "abc", as FIPS 180-2 has it.
  const std::string start =
      R"({"certificate_serial":"4102","certificate_sha256":)"
      R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")";
  const std::string end = R"(,"profile":"factory","subject":"R-1"})";
  EXPECT_EQ(IssuedEvent(certificate, nullptr, change).payload, start + end);
  const AuditEvent event = IssuedEvent(certificate, &made, change);
  EXPECT_EQ(event.payload,
            start +
                R"(,"device":{"group_id":"north","idevid_issuer":"ca",)"
                R"("organization_id":"acme","product_id":"router",)"
                R"("serial_number":"R-1","state":2,"version":1})" +
                end);
  EXPECT_EQ(event.kind, kCertificateIssued);
}

TEST(DeviceEvent, SaysOfBeforeWhatIsOtherwiseNow) {
  const Device before = Router();
  Device after = before;
  after.group_id = "south";
  ++after.version;
  EXPECT_EQ(BeforeIn(Changed(&before, after)), R"(group_id:"north" version:1)");
  EXPECT_EQ(BeforeIn(Changed(nullptr, after)), "");
}

// The next owner sees the event.
TEST(DeviceEvent, DoesNotTellAnOwnerWhoCameBefore) {
  const Device before = Router();
  Device after = before;
  after.organization_id = "other";
  after.group_id = "";
  ++after.version;
  const AuditEvent event = Changed(&before, after);
  EXPECT_EQ(BeforeIn(event), "version:1");
  EXPECT_EQ(event.payload.find("acme"), std::string::npos) << event.payload;
  EXPECT_EQ(event.payload.find("north"), std::string::npos) << event.payload;
}

// That a sales order is no proof any more is told, and no order.
TEST(DeviceEvent, SaysThatASalesOrderWent) {
  Device before = Router();
  before.details.sales_order = "SO-1";
  EXPECT_EQ(Changed(&before, before).payload.find("sales_order"),
            std::string::npos);
  Device after = before;
  after.details.sales_order.clear();
  EXPECT_NE(Changed(&before, after)
                .payload.find(R"("product_id":"router",)"
                              R"("sales_order_cleared":true,"serial_number")"),
            std::string::npos);
  EXPECT_EQ(Changed(&after, before).payload.find("SO-1"), std::string::npos);
  EXPECT_EQ(Changed(&after, after).payload.find("sales_order"),
            std::string::npos);
}

class TreeEvents : public ::testing::Test {
 protected:
  TreeEvents() {
    tree_.tenant_id = "a";
    tree_.organization.set_organization_id("o");
    tree_.groups = {{"o", {"o", "", "Acme"}}, {"g", {"g", "o", "Somewhere"}}};
    tree_.certs = {{"c", {"c", "g", old_.CertificateDer(), false, {}}}};
    tree_.bindings = {{"g", kAda, GroupRole::kRequestor},
                      {"o", kAda, GroupRole::kAdmin}};
    tree_.onboardings = {{"g", {"g", "https://r.example", "", "", ""}}};
    change_.tenant_id = "a";
    change_.organization_id = "o";
    change_.kind = kGroupUpdated;
  }

  std::string Before() {
    change_.before = RecordsBefore(tree_, change_);
    return BeforeIn(TreeEvent(change_, "who", kNow, "request"));
  }

  const Account kAda = {"o", "ada"};
  const testing::Identity old_ = testing::MakeIdentity({});
  const testing::Identity new_ = testing::MakeIdentity({});
  OrganizationTree tree_;
  TreeChange change_;
};

TEST_F(TreeEvents, ANewRecordHasNothingBefore) {
  change_.groups = {{"new", "g", "Elsewhere"}};
  change_.bindings = {{"new", kAda, GroupRole::kAdmin}};
  EXPECT_EQ(Before(), "");
}

TEST_F(TreeEvents, SayWhereAGroupWas) {
  change_.groups = {{"g", "elsewhere", "Somewhere"}};
  EXPECT_EQ(Before(), R"(groups:["o/g"])");
  change_.groups = {};
  change_.removed_groups = {"g"};
  EXPECT_EQ(Before(), R"(groups:["o/g"])");
}

TEST_F(TreeEvents, SayWhichRoleAnAccountHad) {
  change_.bindings = {{"g", kAda, GroupRole::kAdmin}};
  EXPECT_EQ(Before(), R"(bindings:["g/)" + AccountHash("a", kAda) + R"(/1"])");
  change_.bindings = {};
  change_.removed_bindings = {{"o", kAda}};
  EXPECT_EQ(Before(), R"(bindings:["o/)" + AccountHash("a", kAda) + R"(/3"])");
}

TEST_F(TreeEvents, SayWhichKeyACertificateHad) {
  change_.certs = {{"c", "g", new_.CertificateDer(), false, {}}};
  const std::string rotated = Before();
  change_.certs = {};
  change_.removed_certs = {"c"};
  EXPECT_EQ(Before(), rotated);
  EXPECT_EQ(rotated.find(R"(domain_certs:["g/c/)"), 0u) << rotated;
  tree_.certs["c"].certificate_der = new_.CertificateDer();
  EXPECT_NE(Before(), rotated);
}

TEST_F(TreeEvents, SayWhereDevicesWereSent) {
  change_.removed_onboardings = {"g"};
  EXPECT_EQ(Before(), R"(onboardings:["g/registrar/https://r.example"])");
}

TEST(KeyEvent, SaysHowTheVersionWas) {
  KeyVersion before;
  before.key = "k";
  before.tenant_id = "a";
  before.version = 2;
  KeyChange change = {kKeyRetired, before};
  change.after.retired_at = kNow;
  const AuditEvent event = KeyEvent(change, before, "who", kNow, "request");
  EXPECT_NE(event.payload.find("retired_at"), std::string::npos);
  EXPECT_NE(BeforeIn(event).find("version:2"), std::string::npos);
  EXPECT_EQ(BeforeIn(event).find("retired_at"), std::string::npos);
  EXPECT_EQ(BeforeIn(KeyEvent(change, {}, "who", kNow, "request")), "");
}

}  // namespace
}  // namespace masa::storage
