// The end of an organisation, and who must not lose it meanwhile.
#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

TreeChange Removal(const OrganizationTree& tree) {
  TreeChange change;
  change.tenant_id = tree.tenant_id;
  change.organization_id = tree.id();
  change.expected_version = tree.version;
  change.kind = kOrganizationDeleted;
  change.removes_organization = true;
  for (const auto& [id, cert] : tree.certs) {
    change.removed_certs.push_back(id);
  }
  return change;
}

OrganizationTree TreeOf(GroupStore& groups, const RequestContext& context,
                        const std::string& id) {
  const auto trees =
      groups.ReadTrees(context, {"a", TreeQuestion::By::kOrganization, id, {}});
  EXPECT_TRUE(trees.ok() && trees->size() == 1) << trees.status();
  return trees.ok() && trees->size() == 1 ? trees->front() : OrganizationTree();
}

TEST_P(TransferContract, AnOrganisationGoesWithItsRolesAndIsUnknown) {
  // An account of `q` has a role in `o`.
  TreeChange role;
  role.tenant_id = "a";
  role.organization_id = "o";
  role.expected_version = TreeOf(groups(), context_, "o").version;
  role.kind = kRoleGiven;
  role.bindings = {{"o", {"q", "bob", AccountType::kUser}, GroupRole::kAdmin}};
  ASSERT_TRUE(groups().Change(context_, "t", now_, role).ok());
  const TreeChange removal = Removal(TreeOf(groups(), context_, "q"));
  TreeChange stale = removal;
  ++stale.expected_version;
  EXPECT_REASON(Reason::kStoreConflict,
                groups().Change(context_, "t", now_, stale));
  ASSERT_TRUE(groups().Change(context_, "t", now_, removal).ok());
  EXPECT_TRUE(
      groups()
          .ReadTrees(context_, {"a", TreeQuestion::By::kOrganization, "q", {}})
          ->empty());
  EXPECT_TRUE(TreeOf(groups(), context_, "o").bindings.empty());
  EXPECT_REASON(Reason::kOrganizationUnknown,
                catalog().GetOrganization(context_, "a", "q"));
  EXPECT_EQ(CountEvents(kOrganizationDeleted), 1);
  EXPECT_REASON(Reason::kStoreConflict,
                groups().Change(context_, "t", now_, removal));
}

TEST_P(TransferContract, AnOrganisationStaysWhileAnythingHangsOnIt) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  // It owns a device.
  EXPECT_REASON(Reason::kGroupNotEmpty,
                groups().Change(context_, "t", now_,
                                Removal(TreeOf(groups(), context_, "o"))));
  // It is offered one.
  const TransferChange offer = OfferOf({"1"});
  ASSERT_TRUE(transfers().Change(context_, "t", now_, offer).ok());
  const TreeChange removal = Removal(TreeOf(groups(), context_, "q"));
  EXPECT_REASON(Reason::kGroupNotEmpty,
                groups().Change(context_, "t", now_, removal));
  EXPECT_EQ(TreeOf(groups(), context_, "q").version, removal.expected_version);
  EXPECT_EQ(CountEvents(kOrganizationDeleted), 0);
}

TEST_P(TransferContract, NothingIsGivenToAnOrganisationThatIsNotThere) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  TransferChange offer = OfferOf({"1"});
  ASSERT_TRUE(
      groups()
          .Change(context_, "t", now_, Removal(TreeOf(groups(), context_, "q")))
          .ok());
  EXPECT_REASON(Reason::kStoreConflict,
                transfers().Change(context_, "t", now_, offer));
  TransferChange gift;
  gift.tenant_id = "a";
  gift.device_kind = kDeviceAssigned;
  gift.devices = {Stored("1")};
  gift.devices[0].organization_id = "q";
  ++gift.devices[0].version;
  EXPECT_REASON(Reason::kStoreConflict,
                transfers().Change(context_, "t", now_, gift));
  EXPECT_EQ(Stored("1").organization_id, "o");
}

// Planned before it went; else whoever has its id next would have the rights.
TEST_P(TransferContract, NoRightsAreGivenToAnOrganisationThatIsNotThere) {
  TreeChange delegation;
  delegation.tenant_id = "a";
  delegation.organization_id = "o";
  delegation.expected_version = TreeOf(groups(), context_, "o").version;
  delegation.kind = kDelegationAdded;
  delegation.delegations = {{"o", "q"}};
  TreeChange role = delegation;
  role.delegations.clear();
  role.kind = kRoleGiven;
  role.bindings = {{"o", {"q", "bob", AccountType::kUser}, GroupRole::kAdmin}};
  ASSERT_TRUE(
      groups()
          .Change(context_, "t", now_, Removal(TreeOf(groups(), context_, "q")))
          .ok());
  for (const TreeChange& change : {delegation, role}) {
    EXPECT_REASON(Reason::kOrganizationUnknown,
                  groups().Change(context_, "t", now_, change));
  }
  const OrganizationTree tree = TreeOf(groups(), context_, "o");
  EXPECT_TRUE(tree.delegations.empty());
  EXPECT_TRUE(tree.bindings.empty());
  EXPECT_EQ(tree.version, delegation.expected_version);
  // Everyone is no organisation, and one's own is there.
  delegation.delegations = {{"o", kEveryone}};
  delegation.bindings = {
      {"o", {"o", "ann", AccountType::kUser}, GroupRole::kAdmin}};
  EXPECT_TRUE(groups().Change(context_, "t", now_, delegation).ok());
}

TEST_P(TransferContract, RefusedClaimsCountInTheNewestWindow) {
  const auto count = [&](const std::string& id, absl::Time window,
                         int64_t refused) {
    const auto now = transfers().CountRefusedClaims(context_, "t", now_,
                                                    {"a", id, window, refused});
    EXPECT_TRUE(now.ok()) << now.status();
    return now.value_or(-1);
  };
  EXPECT_EQ(count("o", now_, 0), 0);
  EXPECT_EQ(count("o", now_, 3), 3);
  EXPECT_EQ(count("o", now_, 4), 7);
  EXPECT_EQ(count("q", now_, 1), 1);
  EXPECT_EQ(count("o", now_ + absl::Hours(1), 0), 0);
  EXPECT_EQ(count("o", now_ + absl::Hours(1), 2), 2);
  // A replica whose clock is behind.
  EXPECT_EQ(count("o", now_, 1), 3);
  EXPECT_EQ(CountEvents(kClaimsRefused), 5);
  EXPECT_REASON(
      Reason::kInvalidArgument,
      transfers().CountRefusedClaims(context_, "t", now_, {"a", "", now_, 1}));
}

}  // namespace
}  // namespace masa::storage
