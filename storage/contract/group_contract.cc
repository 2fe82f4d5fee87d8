#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {

OrganizationTree GroupContract::Tree() {
  const auto trees =
      groups().ReadTrees(context_, {"a", TreeQuestion::By::kOrganization, "o"});
  EXPECT_TRUE(trees.ok() && trees->size() == 1) << trees.status();
  return trees.ok() && !trees->empty() ? trees->front() : OrganizationTree();
}

TreeChange GroupContract::NewChange(const char* kind) {
  TreeChange change;
  change.tenant_id = "a";
  change.organization_id = "o";
  change.expected_version = Tree().version;
  change.kind = kind;
  return change;
}

void GroupContract::Do(const TreeChange& change) {
  const absl::Status status = groups().Change(context_, "tester", now_, change);
  ASSERT_TRUE(status.ok()) << status;
}

void GroupContract::AddGroup(const std::string& id, const std::string& parent) {
  TreeChange change = NewChange(kGroupCreated);
  change.groups = {{id, parent, "the group " + id, 1}};
  Do(change);
}

absl::StatusOr<Device> GroupContract::Move(const std::string& serial,
                                           const std::string& from,
                                           const std::string& to) {
  return groups().Place(context_, "tester", now_,
                        {{"a", serial, {}}, "o", from, to});
}

namespace {

const Account kAda = {"o", "Ada L\xc3\xb6velace", AccountType::kUser};
const Account kRobot = {"q", "robot", AccountType::kServiceAccount};

TEST_P(GroupContract, AnOrganisationBeginsAsItsRootGroup) {
  const OrganizationTree tree = Tree();
  EXPECT_EQ(tree.tenant_id, "a");
  EXPECT_EQ(tree.id(), "o");
  EXPECT_GT(tree.version, 0);
  ASSERT_EQ(tree.groups.size(), 1u);
  EXPECT_EQ(tree.groups.at("o"), (Group{"o", "", "", 1}));
  ASSERT_EQ(tree.certs.size(), 1u);
  EXPECT_EQ(tree.certs.at("c"),
            (GroupCert{"c", "o", domain_.CertificateDer(), false, {}}));
  EXPECT_TRUE(tree.bindings.empty());
}

TEST_P(GroupContract, ReadsBackWhatWasWritten) {
  AddGroup("g1", "o");
  TreeChange change = NewChange(kGroupCreated);
  change.groups = {{"g2", "g1", "Gr\xc3\xbc\xc3\x9f 'Gott'", 7}};
  change.bindings = {{"g2", kAda, GroupRole::kAssigner},
                     {"o", kRobot, GroupRole::kAdmin}};
  change.delegations = {{"g1", "q"}, {"o", kEveryone}};
  change.certs = {{"d", "g2", domain_.CertificateDer(), true,
                   absl::FromUnixMicros(1800000000123456)}};
  Do(change);
  const OrganizationTree tree = Tree();
  EXPECT_EQ(tree.version, change.expected_version + 1);
  EXPECT_EQ(tree.groups.at("g2"), change.groups[0]);
  EXPECT_EQ(tree.certs.at("d"), change.certs[0]);
  EXPECT_EQ(tree.bindings.size(), 2u);
  EXPECT_EQ(tree.delegations.size(), 2u);
  EXPECT_EQ(CountEvents(kGroupCreated), 2);
}

TEST_P(GroupContract, WritesOverAndRemoves) {
  AddGroup("g1", "o");
  TreeChange change = NewChange(kRoleGiven);
  change.bindings = {{"g1", kAda, GroupRole::kAssigner}};
  change.delegations = {{"g1", "q"}};
  Do(change);
  change = NewChange(kRoleGiven);
  change.bindings = {{"g1", kAda, GroupRole::kAdmin}};
  change.groups = {{"g1", "o", "renamed", 2}};
  Do(change);
  ASSERT_EQ(Tree().bindings.size(), 1u);
  EXPECT_EQ(Tree().bindings[0].role, GroupRole::kAdmin);
  EXPECT_EQ(Tree().groups.at("g1").description, "renamed");
  change = NewChange(kGroupDeleted);
  change.removed_groups = {"g1"};
  change.removed_bindings = {{"g1", kAda}};
  change.removed_delegations = {{"g1", "q"}};
  change.removed_certs = {"c"};
  Do(change);
  const OrganizationTree tree = Tree();
  EXPECT_EQ(tree.groups.size(), 1u);
  EXPECT_TRUE(tree.bindings.empty());
  EXPECT_TRUE(tree.delegations.empty());
  EXPECT_TRUE(tree.certs.empty());
}

// What was decided on an older tree is decided anew.
TEST_P(GroupContract, TakesNoChangeOfAnOlderTree) {
  TreeChange late = NewChange(kGroupCreated);
  late.groups = {{"late", "o", "late", 1}};
  AddGroup("g1", "o");
  EXPECT_REASON(Reason::kStoreConflict,
                groups().Change(context_, "tester", now_, late));
  // A catalog that is applied changes the tree as well.
  late.expected_version = Tree().version;
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, catalog_).ok());
  EXPECT_REASON(Reason::kStoreConflict,
                groups().Change(context_, "tester", now_, late));
  EXPECT_FALSE(Tree().groups.contains("late"));
  EXPECT_EQ(CountEvents(kGroupCreated), 1);
}

TEST_P(GroupContract, MakesAnOrganisationOnce) {
  TreeChange change;
  change.tenant_id = "a";
  change.organization_id = "new";
  change.kind = kOrganizationCreated;
  change.organization.emplace().set_tenant_id("a");
  change.organization->set_organization_id("new");
  change.organization->set_display_name("N\xc3\xab w");
  Do(change);
  EXPECT_REASON(Reason::kStoreConflict,
                groups().Change(context_, "tester", now_, change));
  EXPECT_EQ(catalog().GetOrganization(context_, "a", "new")->display_name(),
            "N\xc3\xab w");
  change.expected_version = 1;
  change.organization->set_display_name("renamed");
  Do(change);
  EXPECT_EQ(catalog().GetOrganization(context_, "a", "new")->display_name(),
            "renamed");
}

TEST_P(GroupContract, ListsOrganisationsInPages) {
  const auto first = groups().ListOrganizations(context_, "a", "", 1);
  ASSERT_TRUE(first.ok() && first->size() == 1) << first.status();
  EXPECT_EQ(first->front().id(), "o");
  const auto rest = groups().ListOrganizations(context_, "a", "o", 5);
  ASSERT_TRUE(rest.ok() && rest->size() == 1) << rest.status();
  EXPECT_EQ(rest->front().id(), "q");
  EXPECT_TRUE(groups().ListOrganizations(context_, "none", "", 5)->empty());
}

TEST_P(GroupContract, FindsTreesByWhatIsInThem) {
  using By = TreeQuestion::By;
  AddGroup("g1", "o");
  TreeChange change = NewChange(kRoleGiven);
  change.bindings = {{"g1", kRobot, GroupRole::kRequestor}};
  Do(change);
  const struct {
    TreeQuestion question;
    size_t trees;
  } cases[] = {
      {{"a", By::kGroup, "g1"}, 1},
      {{"a", By::kGroup, "o"}, 1},
      {{"b", By::kGroup, "g1"}, 0},
      {{"a", By::kGroup, "g2"}, 0},
      {{"a", By::kOrganization, "g1"}, 0},
      {{"a", By::kCert, "c"}, 1},
      {{"b", By::kCert, "c"}, 0},
      {{"a", By::kAccount, "", kRobot}, 1},
      {{"a", By::kAccount, "", kAda}, 0},
      {{"a", By::kAccount, "", {"o", "robot", kRobot.type}}, 0},
      {{"a", By::kAccount, "", {"q", "robot", AccountType::kUser}}, 0},
      {{"a", By::kGroup, std::string("\xff", 1)}, 0},
  };
  for (const auto& c : cases) {
    const auto trees = groups().ReadTrees(context_, c.question);
    ASSERT_TRUE(trees.ok()) << trees.status();
    EXPECT_EQ(trees->size(), c.trees)
        << static_cast<int>(c.question.by) << " " << c.question.id;
  }
}

// Roles come with a catalog too: the same record, one truth.
TEST_P(GroupContract, ACatalogGivesRolesAndPlacesCertificates) {
  AddGroup("g1", "o");
  masa::v1::Catalog change;
  auto* binding = change.add_access_bindings();
  binding->set_tenant_id("a");
  binding->set_organization_id("o");
  binding->set_username("owner");
  binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
  binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
  auto* cert = change.add_domain_certs();
  *cert = catalog_.domain_certs(0);
  cert->set_group_id("g1");
  cert->mutable_expiry_time()->set_seconds(1800000000);
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, change).ok());
  ASSERT_EQ(Tree().bindings.size(), 1u);
  EXPECT_EQ(Tree().bindings[0],
            (Binding{"o",
                     {"o", "owner", AccountType::kServiceAccount},
                     GroupRole::kAdmin}));
  EXPECT_EQ(Tree().certs.at("c").group_id, "g1");
  EXPECT_EQ(Tree().certs.at("c").expires_at, absl::FromUnixSeconds(1800000000));
  binding->clear_role();
  EXPECT_REASON(Reason::kInvalidArgument,
                catalog().Apply(context_, "tester", now_, change));
}

TEST_P(GroupContract, RefusesWhatItCannotHold) {
  TreeChange change = NewChange(kGroupCreated);
  change.groups = {{"g", "o", std::string("\xff", 1), 1}};
  EXPECT_REASON(Reason::kInvalidArgument,
                groups().Change(context_, "tester", now_, change));
  change.groups.clear();
  change.bindings = {{"o",
                      {"o", std::string(257, 'x'), AccountType::kUser},
                      GroupRole::kAdmin}};
  EXPECT_REASON(Reason::kInvalidArgument,
                groups().Change(context_, "tester", now_, change));
  change.bindings.clear();
  change.certs = {{"d", "o", "garbage", false, {}}};
  EXPECT_REASON(Reason::kCertMalformed,
                groups().Change(context_, "tester", now_, change));
  for (const absl::Time never :
       {absl::InfiniteFuture(), absl::FromUnixSeconds(253'402'300'800)}) {
    change.certs = {{"d", "o", domain_.CertificateDer(), false, never}};
    EXPECT_REASON(Reason::kInvalidArgument,
                  groups().Change(context_, "tester", now_, change));
  }
  EXPECT_EQ(CountEvents(kGroupCreated), 0);
}

TEST_P(GroupContract, RemembersWhatARequestIdStandsFor) {
  const OnceKey key = {"a", "ada", "id-1"};
  EXPECT_FALSE(groups().Recall(context_, key)->has_value());
  TreeChange change = NewChange(kGroupCreated);
  change.groups = {{"g1", "o", "one", 1}};
  change.result = "g1";
  change.once = key;
  change.once_digest = std::string(32, 'd');
  Do(change);
  const auto known = groups().Recall(context_, key);
  ASSERT_TRUE(known.ok() && known->has_value()) << known.status();
  EXPECT_EQ((*known)->result, "g1");
  EXPECT_EQ((*known)->digest, change.once_digest);
  EXPECT_FALSE(groups().Recall(context_, {"a", "eve", "id-1"})->has_value());
  // A second change under the same id is none.
  change.expected_version = Tree().version;
  change.groups = {{"g2", "o", "two", 1}};
  EXPECT_REASON(Reason::kStoreConflict,
                groups().Change(context_, "tester", now_, change));
  EXPECT_FALSE(Tree().groups.contains("g2"));
}

TEST_P(GroupContract, PlacesDevicesInOneGroupOfTheirOwner) {
  AddGroup("g1", "o");
  Device device = MakeDevice("a", "S1");
  device.organization_id = "o";
  ImportOne(device);
  ImportOne(MakeDevice("a", "S2"));
  const auto moved = Move("S1", "", "g1");
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->group_id, "g1");
  EXPECT_EQ(moved->version, 2);
  EXPECT_EQ(FindOne({{"a", "S1", {}}, ""})->device.group_id, "g1");
  EXPECT_REASON(Reason::kStoreConflict, Move("S1", "", "g1"));
  EXPECT_REASON(Reason::kGroupNotFound, Move("S1", "g1", "g2"));
  EXPECT_REASON(Reason::kStoreConflict, Move("S2", "", "g1"));
  EXPECT_REASON(Reason::kDeviceUnknown, Move("S3", "", "g1"));
  const auto listed = groups().ListPlaced(context_, "a", "g1", {}, 5);
  ASSERT_TRUE(listed.ok() && listed->size() == 1) << listed.status();
  EXPECT_EQ(listed->front().serial_number, "S1");
  EXPECT_TRUE(
      groups()
          .ListPlaced(context_, "a", "g1", {moved->bucket, moved->device_id}, 5)
          ->empty());
  EXPECT_TRUE(groups().ListPlaced(context_, "a", "", {}, 5)->empty());
  EXPECT_EQ(owned().ListOwned(context_, "a", "o", {}, 5)->size(), 1u);
  EXPECT_EQ(CountEvents(kDevicePlaced), 1);
}

TEST_P(GroupContract, KeepsAGroupThatHasDevices) {
  AddGroup("g1", "o");
  Device device = MakeDevice("a", "S1");
  device.organization_id = "o";
  ImportOne(device);
  ASSERT_TRUE(Move("S1", "", "g1").ok());
  TreeChange change = NewChange(kGroupDeleted);
  change.removed_groups = {"g1"};
  EXPECT_REASON(Reason::kGroupNotEmpty,
                groups().Change(context_, "tester", now_, change));
  EXPECT_TRUE(Tree().groups.contains("g1"));
  ASSERT_TRUE(Move("S1", "g1", "").ok());
  Do(change);
}

// A device leaves its group with its owner, and keeps it through an update.
TEST_P(GroupContract, ADevicesPlaceIsItsOwners) {
  AddGroup("g1", "o");
  Device device = MakeDevice("a", "S1");
  device.organization_id = "o";
  ImportOne(device);
  ASSERT_TRUE(Move("S1", "", "g1").ok());
  const auto place = [this] {
    return FindOne({{"a", "S1", {}}, ""})->device.group_id;
  };
  device.model = "new";
  ASSERT_TRUE(
      devices()
          .Import(context_, "tester", now_, {device}, OnConflict::kUpdate)
          .front()
          .ok());
  EXPECT_EQ(place(), "g1");
  for (const char* owner : {"o", "q"}) {
    ASSERT_TRUE(devices()
                    .Assign(context_, "tester", now_, {{"a", "S1", {}}}, owner)
                    .front()
                    .ok());
    EXPECT_EQ(place(), std::string(owner) == "o" ? "g1" : "");
  }
}

// The hot path's view of the same records: where each of the owner's
// certificates stands, seen from the device.
TEST_P(GroupContract, ADeviceSeesWhereItsOwnersCertificatesStand) {
  AddGroup("g1", "o");
  AddGroup("g2", "g1");
  AddGroup("h", "o");
  TreeChange change = NewChange(kDomainCertCreated);
  const absl::Time end = absl::FromUnixMicros(1800000000123456);
  for (const char* group : {"g1", "g2", "h"}) {
    change.certs.push_back(
        {group, group, domain_.CertificateDer(), group[0] == 'h', end});
  }
  Do(change);
  Device device = MakeDevice("a", "S1");
  device.organization_id = "o";
  ImportOne(device);
  const auto places = [this] {
    std::string seen;  // of the certificates c, g1, g2, h
    const auto answer = FindOne({{"a", "S1", {}}, ""});
    for (const OwnerCert& cert : answer->owner_certs) {
      seen += std::to_string(static_cast<int>(cert.place));
      EXPECT_EQ(cert.certificate_der, domain_.CertificateDer());
    }
    return seen;
  };
  EXPECT_EQ(places(), "1333");
  ASSERT_TRUE(Move("S1", "", "g2").ok());
  EXPECT_EQ(places(), "2213");
  // What is above goes with a group that moves.
  change = NewChange(kGroupMoved);
  change.groups = {{"g1", "h", "moved", 2}};
  Do(change);
  EXPECT_EQ(places(), "2212");
  const auto certs = FindOne({{"a", "S1", {}}, ""})->owner_certs;
  EXPECT_FALSE(certs[0].expires_at.has_value());
  EXPECT_EQ(certs[1].expires_at, end);
  EXPECT_FALSE(certs[2].revocation_checks);
  EXPECT_TRUE(certs[3].revocation_checks);
}

TEST_P(GroupContract, SaysUnavailableWhileStopped) {
  TreeChange change = NewChange(kGroupCreated);
  change.groups = {{"g1", "o", "one", 1}};
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  EXPECT_REASON(Reason::kStoreUnavailable,
                groups().ReadTrees(
                    context_, {"a", TreeQuestion::By::kOrganization, "o"}));
  EXPECT_REASON(Reason::kStoreUnavailable,
                groups().Change(context_, "tester", now_, change));
  EXPECT_REASON(Reason::kStoreUnavailable, Move("S1", "", ""));
  stores().Restart();
  Do(change);
}

}  // namespace
}  // namespace masa::storage
