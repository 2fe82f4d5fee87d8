#include "services/ownership/role_plans.h"

#include <string>

#include "gtest/gtest.h"
#include "services/ownership/test_tree.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::ownership {
namespace {

using storage::GroupRole;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

template <typename T>
std::string Name(const absl::StatusOr<T>& plan) {
  return plan.ok() ? "OK" : std::string(InfoOf(ReasonOf(plan.status())).name);
}

// OVGS AddUserRole; O1, O15.
TEST(PlanGiveRole, AsTheTableSays) {
  const struct {
    Actor actor;
    storage::Binding binding;
    const char* strict;
    const char* lenient;  // assigners give (O1)
  } cases[] = {
      {ActorNamed("root"),
       {"north", AccountNamed("new"), GroupRole::kAdmin},
       "OK",
       "OK"},
      {ActorNamed("admin"),
       {"city", AccountNamed("new"), GroupRole::kAdmin},
       "OK",
       "OK"},
      {Support(),
       {"org-acme", AccountNamed("new"), GroupRole::kAdmin},
       "OK",
       "OK"},
      {ActorNamed("assigner"),
       {"north", AccountNamed("new"), GroupRole::kAssigner},
       "PERMISSION_DENIED",
       "OK"},
      {ActorNamed("assigner"),
       {"city", AccountNamed("new"), GroupRole::kRequestor},
       "PERMISSION_DENIED",
       "OK"},
      {ActorNamed("assigner"),
       {"north", AccountNamed("new"), GroupRole::kAdmin},
       "PERMISSION_DENIED",
       "PERMISSION_DENIED"},
      {ActorNamed("requestor"),
       {"north", AccountNamed("new"), GroupRole::kRequestor},
       "PERMISSION_DENIED",
       "PERMISSION_DENIED"},
      {ActorNamed("admin"),
       {"south", AccountNamed("new"), GroupRole::kRequestor},
       "PERMISSION_DENIED",
       "PERMISSION_DENIED"},
      {ActorNamed("root"),
       {"nowhere", AccountNamed("new"), GroupRole::kRequestor},
       "GROUP_NOT_FOUND",
       "GROUP_NOT_FOUND"},
      // In the group already, whatever the role.
      {ActorNamed("root"),
       {"north", AccountNamed("admin"), GroupRole::kRequestor},
       "USER_EXISTS",
       "USER_EXISTS"},
      {ActorNamed("root"),
       {"city", AccountNamed("admin"), GroupRole::kRequestor},
       "OK",
       "OK"},
      // Delegated here, to everyone, and not at all.
      {ActorNamed("root"),
       {"city", AccountNamed("x", "org-other"), GroupRole::kAdmin},
       "OK",
       "OK"},
      {ActorNamed("root"),
       {"south", AccountNamed("x", "org-third"), GroupRole::kAdmin},
       "OK",
       "OK"},
      {ActorNamed("root"),
       {"north", AccountNamed("x", "org-third"), GroupRole::kAdmin},
       "ORGANIZATION_NOT_DELEGATED",
       "ORGANIZATION_NOT_DELEGATED"},
      {ActorNamed("root"),
       {"org-acme", AccountNamed("x", "org-other"), GroupRole::kAdmin},
       "ORGANIZATION_NOT_DELEGATED",
       "ORGANIZATION_NOT_DELEGATED"},
  };
  for (const auto& c : cases) {
    const auto what = c.actor.account.username + " " + c.binding.group_id;
    EXPECT_EQ(Name(PlanGiveRole(Acme(), c.actor, c.binding, false)), c.strict)
        << what;
    EXPECT_EQ(Name(PlanGiveRole(Acme(), c.actor, c.binding, true)), c.lenient)
        << what;
  }
}

// OVGS RemoveUserRole.
TEST(PlanTakeRole, AsTheTableSays) {
  const auto plan = [](const char* actor, const char* group,
                       const char* account) {
    return Name(
        PlanTakeRole(Acme(), ActorNamed(actor), group, AccountNamed(account)));
  };
  EXPECT_EQ(plan("admin", "north", "assigner"), "OK");
  EXPECT_EQ(plan("root", "city", "assigner"), "USER_UNKNOWN");  // inherited
  EXPECT_EQ(plan("root", "north", "nobody"), "USER_UNKNOWN");
  EXPECT_EQ(plan("root", "nowhere", "assigner"), "GROUP_NOT_FOUND");
  EXPECT_EQ(plan("assigner", "north", "requestor"), "PERMISSION_DENIED");
  EXPECT_EQ(plan("nobody", "north", "requestor"), "PERMISSION_DENIED");
}

// The root open to org-other, one of whose accounts administers it.
storage::OrganizationTree Delegated() {
  storage::OrganizationTree tree = Acme();
  tree.delegations.push_back({"org-acme", "org-other"});
  tree.delegations.push_back({"org-acme", "org-third"});
  tree.bindings.push_back(
      {"org-acme", AccountNamed("eve", "org-other"), GroupRole::kAdmin});
  tree.bindings.push_back(
      {"org-acme", AccountNamed("mal", "org-other"), GroupRole::kRequestor});
  tree.bindings.push_back(
      {"org-acme", AccountNamed("x", "org-third"), GroupRole::kRequestor});
  return tree;
}

TEST(PlanGiveRole, WhoWasLetInGivesToItsOwnAloneAndLearnsOfNoOther) {
  const auto give = [](const std::string& name, const std::string& org) {
    return PlanGiveRole(
        Delegated(), ActorNamed("eve", "org-other"),
        {"org-acme", AccountNamed(name, org), GroupRole::kAdmin}, false);
  };
  EXPECT_EQ(Name(give("new", "org-other")), "OK");
  EXPECT_EQ(Name(give("mal", "org-other")), "USER_EXISTS");
  const absl::Status unknown = give("new", "org-acme").status();
  EXPECT_EQ(ReasonOf(unknown), Reason::kPermissionDenied);
  EXPECT_EQ(give("root", "org-acme").status(), unknown);
  EXPECT_EQ(give("x", "org-third").status(), unknown);
  EXPECT_EQ(give("x", "org-fourth").status(), unknown);
}

TEST(PlanTakeRole, WhoWasLetInTakesFromItsOwnAloneAndLearnsOfNoOther) {
  const auto take = [](const std::string& name, const std::string& org) {
    return PlanTakeRole(Delegated(), ActorNamed("eve", "org-other"), "org-acme",
                        AccountNamed(name, org));
  };
  EXPECT_EQ(Name(take("mal", "org-other")), "OK");
  EXPECT_EQ(Name(take("eve", "org-other")), "OK");
  const absl::Status unknown = take("nobody", "org-acme").status();
  EXPECT_EQ(ReasonOf(unknown), Reason::kUserUnknown);
  EXPECT_EQ(take("root", "org-acme").status(), unknown);
  EXPECT_EQ(take("x", "org-third").status(), unknown);
}

TEST(PlanTakeRole, TheOwnersLastAdminOfTheRootStays) {
  storage::OrganizationTree tree = Delegated();
  const auto take = [&tree](const Actor& actor, const char* group,
                            const char* account) {
    return Name(PlanTakeRole(tree, actor, group, AccountNamed(account)));
  };
  const Actor root = ActorNamed("root");
  // Another organisation's ADMIN there, and one's own below, are none.
  EXPECT_EQ(take(root, "org-acme", "root"), "PERMISSION_DENIED");
  EXPECT_EQ(take(Support(), "org-acme", "root"), "OK");
  EXPECT_EQ(take(root, "north", "admin"), "OK");
  tree.bindings.push_back(
      {"org-acme", AccountNamed("second"), GroupRole::kAssigner});
  EXPECT_EQ(take(root, "org-acme", "second"), "OK");
  EXPECT_EQ(take(root, "org-acme", "root"), "PERMISSION_DENIED");
  tree.bindings.back().role = GroupRole::kAdmin;
  EXPECT_EQ(take(root, "org-acme", "root"), "OK");
}

std::string CertificateDer(absl::Duration ends_in) {
  testing::CertificateSpec spec;
  spec.common_name = "domain";
  spec.not_before = kNow - absl::Hours(48);
  spec.not_after = kNow + ends_in;
  spec.is_ca = true;
  return testing::MakeIdentity(spec).CertificateDer();
}

// OVGS CreateDomainCert.
TEST(PlanAddCert, AsTheTableSays) {
  const std::string good = CertificateDer(absl::Hours(1));
  const std::string old = CertificateDer(-absl::Seconds(1));
  const absl::Time end = kNow + absl::Minutes(30);
  storage::OrganizationTree tree = Acme();
  tree.certs["first"] = {"first", "north", good, true, end};
  const struct {
    const char* actor;
    storage::GroupCert cert;
    const char* outcome;
  } cases[] = {
      {"assigner", {"new", "city", good, true, end}, "OK"},
      {"assigner", {"new", "north", good, false, end}, "OK"},  // other checks
      {"admin", {"new", "north", good, true, end + absl::Seconds(1)}, "OK"},
      {"admin", {"new", "north", good, true, end}, "CERT_EXISTS"},
      {"admin", {"new", "north", good, true, kNow}, "LIFETIME_IN_PAST"},
      {"admin", {"new", "north", old, true, end}, "CERT_EXPIRED"},
      {"admin", {"new", "north", "garbage", true, end}, "CERT_MALFORMED"},
      {"admin", {"new", "north", good + "x", true, end}, "CERT_MALFORMED"},
      {"admin", {"new", "nowhere", good, true, end}, "GROUP_NOT_FOUND"},
      {"admin", {"new", "south", good, true, end}, "PERMISSION_DENIED"},
      {"requestor", {"new", "north", good, true, end}, "PERMISSION_DENIED"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Name(PlanAddCert(tree, ActorNamed(c.actor), c.cert, kNow)),
              c.outcome)
        << c.actor << " " << c.cert.group_id;
  }
}

TEST(PlanRemoveCert, AsTheTableSays) {
  storage::OrganizationTree tree = Acme();
  tree.certs["c"] = {"c", "north", "der", true, {}};
  const auto plan = [&tree](const char* actor, const char* cert) {
    return Name(PlanRemoveCert(tree, ActorNamed(actor), cert));
  };
  EXPECT_EQ(plan("assigner", "c"), "OK");
  EXPECT_EQ(plan("requestor", "c"), "PERMISSION_DENIED");
  EXPECT_EQ(plan("nobody", "c"), "PERMISSION_DENIED");
  EXPECT_EQ(plan("root", "d"), "CERT_NOT_FOUND");
  // O13: in the words of one that is not there.
  const auto foreign = PlanRemoveCert(tree, ActorNamed("nobody"), "c").status();
  EXPECT_EQ(foreign.message(), CertNotFound().message());
  EXPECT_TRUE(IsForeign(foreign));
  Actor quiet = ActorNamed("nobody");
  quiet.is_told_of_foreign = false;
  EXPECT_EQ(FindCert(tree, quiet, "c", Act::kSee).status(), CertNotFound());
  // Not inherited: not even seen from below.
  EXPECT_EQ(Name(FindCert(tree, ActorNamed("requestor", "org-other"), "c",
                          Act::kSee)),
            "PERMISSION_DENIED");
}

TEST(PlanRotateCert, KeepsIdAndGroup) {
  storage::OrganizationTree tree = Acme();
  const std::string fresh = CertificateDer(absl::Hours(1));
  tree.certs["c"] = {"c", "north", "old", true, {}};
  const auto plan =
      PlanRotateCert(tree, ActorNamed("assigner"),
                     {"c", "", fresh, false, kNow + absl::Hours(1)}, kNow);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->certs[0].group_id, "north");
  EXPECT_EQ(plan->certs[0].certificate_der, fresh);
  EXPECT_EQ(Name(PlanRotateCert(tree, ActorNamed("requestor"),
                                {"c", "", fresh, false, {}}, kNow)),
            "PERMISSION_DENIED");
}

}  // namespace
}  // namespace masa::ownership
