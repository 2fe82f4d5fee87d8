#include "services/issuance/event_sight.h"

#include "gtest/gtest.h"
#include "services/ownership/test_tree.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using identity::Principal;
using identity::Role;

// An event of a device that is org-acme's now, in this group.
storage::LoggedEvent EventOf(const std::string& kind,
                             const std::string& payload,
                             const std::string& group = "") {
  storage::LoggedEvent logged;
  logged.organization_id = "org-acme";
  logged.group_id = group;
  logged.event.emplace();
  logged.event->kind = kind;
  logged.event->payload = payload;
  return logged;
}

Principal CustomerOf(const std::string& organization, const std::string& name) {
  return {Role::kCustomer, "urn:x", "acme", organization, name};
}

bool Sees(const Principal& caller, const storage::LoggedEvent& logged) {
  return EventSight(caller, ownership::Acme()).Sees(logged);
}

TEST(EventSight, IsOfVouchersAndOfChangesThatMadeTheDeviceOnesOwn) {
  const Principal root = CustomerOf("org-acme", "root");
  const struct {
    const char* kind;
    const char* payload;
    bool seen;
  } cases[] = {
      {storage::kVoucherIssued, "", true},
      {storage::kDeviceAssigned, R"({"organization_id":"org-acme"})", true},
      {storage::kDeviceStateSet, R"({"organization_id":"org-acme"})", true},
      {storage::kDeviceAssigned, R"({"organization_id":"org-before"})", false},
      {storage::kDeviceImported, R"({"organization_id":""})", false},
      {storage::kClaimApproved, R"({"claim_id":"00"})", false},
      {storage::kDeviceAssigned, "", false},
      {storage::kDeviceAssigned, "[]", false},
      {storage::kDeviceAssigned, R"({"organization_id":7})", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Sees(root, EventOf(c.kind, c.payload)), c.seen)
        << c.kind << c.payload;
  }
}

TEST(EventSight, IsByTheRolesInTheDevicesGroup) {
  const struct {
    const char* organization;
    const char* name;
    const char* group;
    bool seen;
  } cases[] = {
      {"org-acme", "root", "", true},
      {"org-acme", "root", "city", true},
      {"org-acme", "requestor", "city", true},
      {"org-acme", "requestor", "", false},
      {"org-acme", "requestor", "south", false},
      {"org-acme", "nobody", "", false},
      {"org-other", "root", "", false},
      {"", "root", "", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Sees(CustomerOf(c.organization, c.name),
                   EventOf(storage::kVoucherIssued, "", c.group)),
              c.seen)
        << c.organization << " " << c.name << " in " << c.group;
  }
}

TEST(EventSight, WhatIsNoDevicesIsForOperators) {
  storage::LoggedEvent logged = EventOf(storage::kCatalogApplied, "{}");
  logged.organization_id = "";
  EXPECT_FALSE(Sees(CustomerOf("org-acme", "root"), logged));
  EXPECT_FALSE(Sees(CustomerOf("", "root"), logged));
  const Principal op{Role::kOperator, "urn:op", "acme", ""};
  EXPECT_TRUE(EventSight(op).Sees(logged));
  logged.event.reset();
  EXPECT_TRUE(EventSight(op).Sees(logged)) << "that it is missing, too";
  EXPECT_FALSE(EventSight(CustomerOf("org-acme", "root")).Sees(logged))
      << "without a tree";
}

TEST(EventSight, WhoOrderedForEarlierOwnersIsToldToOperatorsAlone) {
  const absl::Time since = absl::FromUnixSeconds(100);
  const Principal customer = CustomerOf("org-acme", "root");
  const Principal op{Role::kOperator, "urn:op", "acme", ""};
  const struct {
    const Principal& caller;
    const char* kind;
    absl::Time at;
    bool told;
  } cases[] = {
      {customer, storage::kVoucherIssued, since - absl::Microseconds(1), false},
      {customer, storage::kVoucherIssued, since, true},
      {customer, storage::kDeviceAssigned, since - absl::Seconds(1), true},
      {op, storage::kVoucherIssued, since - absl::Seconds(1), true},
  };
  for (const auto& c : cases) {
    storage::LogEvent event = *EventOf(c.kind, "").event;
    event.at = c.at;
    event.who = {"who", "request", "salt"};
    event.who_hash = "hash";
    const storage::LogEvent shown =
        EventSight(c.caller, ownership::Acme()).Shown(event, since);
    EXPECT_EQ(shown.who, c.told ? event.who : storage::Who()) << c.kind << c.at;
    EXPECT_EQ(storage::CommitmentOf(shown), storage::CommitmentOf(event));
  }
}

TEST(EventFilter, HoldsWhenAllThatIsSetHolds) {
  storage::LogEvent event;
  event.kind = "k";
  event.at = absl::FromUnixSeconds(100);
  event.who.actor = "a";
  const absl::Time at = event.at;
  const auto filter_of = [](absl::Time from, absl::Time until,
                            const std::string& kind, const std::string& actor) {
    EventFilter filter;
    filter.from = from;
    filter.until = until;
    filter.kind = kind;
    filter.actor = actor;
    return filter;
  };
  const absl::Time past = absl::InfinitePast();
  const absl::Time future = absl::InfiniteFuture();
  const struct {
    EventFilter filter;
    bool matches;
  } cases[] = {
      {EventFilter(), true},
      {filter_of(at, at + absl::Seconds(1), "", ""), true},
      {filter_of(past, at, "", ""), false},
      {filter_of(at + absl::Microseconds(1), future, "", ""), false},
      {filter_of(past, future, "k", "a"), true},
      {filter_of(past, future, "other", ""), false},
      {filter_of(past, future, "k", "other"), false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Matches(c.filter, event), c.matches);
  }
}

}  // namespace
}  // namespace masa::issuance
