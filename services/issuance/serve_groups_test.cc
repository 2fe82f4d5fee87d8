// Organisations, groups and roles as use cases: what the rules' own tests do
// not show, which is what is read, written, and answered when.
#include "services/issuance/serve_groups.h"

#include <string>

#include "gtest/gtest.h"
#include "services/issuance/ids.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/test_racing_store.h"
#include "services/status/field_faults.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using storage::GroupRole;

storage::Account Robot(const std::string& name, const std::string& org) {
  return {org, name, storage::AccountType::kServiceAccount};
}

class Groups : public Desk {
 protected:
  Groups() {
    masa::v1::Catalog catalog;
    for (const char* org : {"org-acme", "org-other"}) {
      auto* binding = catalog.add_access_bindings();
      binding->set_tenant_id("acme");
      binding->set_organization_id(org);
      binding->set_username("root");
      binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
      binding->set_role(masa::v1::GROUP_ROLE_ADMIN);
    }
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    north_ = Group("North");
    south_ = Group("South");
  }

  static GroupCall As(const std::string& name,
                      const std::string& org = "org-acme") {
    GroupCall call;
    call.context.request_id = "id-" + name;
    call.caller = {identity::Role::kCustomer, "urn:" + name, "acme", org, name};
    call.is_told_of_foreign = true;
    return call;
  }
  static GroupCall AsOperator() {
    GroupCall call = As("op");
    call.caller = {identity::Role::kOperator, "op", "acme", ""};
    return call;
  }

  std::string Group(const std::string& name,
                    const std::string& parent = "org-acme") {
    const auto id = desk_.CreateGroup(As("root"), parent, name);
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or("");
  }

  std::string AddCert(const std::string& group, const Identity& ca,
                      bool checks = false) {
    const auto id = desk_.CreateCert(
        As("root"), {"", group, ca.CertificateDer(), checks, {}});
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or("");
  }

  void Put(const std::string& serial, const std::string& group) {
    const absl::Status put =
        desk_.AddDevice(As("root"), {"acme", serial, {}}, group);
    EXPECT_TRUE(put.ok()) << put;
  }

  absl::StatusOr<std::vector<storage::Committed>> Issue(
      const GroupCall& call, const std::vector<std::string>& serials,
      const std::string& cert) {
    VoucherOrder order{{}, cert, Noon() + absl::Hours(1)};
    std::vector<std::string> fields;
    for (const std::string& serial : serials) {
      order.devices.push_back({"", serial, {}});
      fields.push_back("component[" + std::to_string(fields.size()) + "]");
    }
    std::vector<storage::Device> devices;
    return desk_.IssueVouchers(call, order, fields, &devices);
  }

  Tools ToolsWith(storage::GroupStore& groups) const {
    return {tools_->catalog,
            tools_->devices,
            tools_->log,
            tools_->signer,
            tools_->verifier,
            tools_->clock,
            tools_->policies,
            tools_->templates,
            tools_->claims,
            tools_->owned,
            groups};
  }

  size_t Vouchers() const {
    size_t count = 0;
    for (const storage::AuditEvent& event : store_.Events()) {
      count += event.kind == storage::kVoucherIssued ? 1 : 0;
    }
    return count;
  }

  ServeGroups desk_{*tools_};
  std::string north_;
  std::string south_;
};

// One model behind both doors: what a group's certificate pins is what lets a
// BRSKI registrar have its devices, and no others.
TEST_F(Groups, ACertificateOfAGroupLetsItsRegistrarsHaveItsDevices) {
  const Identity city_ca = testing::MakeIdentity(Spec("city ca", true));
  AddCert(north_, city_ca);
  registrar_ = RegistrarOf(city_ca);
  domain_ca_ = city_ca;
  const std::string request = Request("OWNED-1");
  EXPECT_EQ(Refusal(request), Reason::kOwnerMismatch);  // in the root alone
  Put("OWNED-1", south_);
  EXPECT_EQ(Refusal(request), Reason::kOwnerMismatch);
  Put("OWNED-1", north_);
  EXPECT_TRUE(Ask(request).ok());
  // And below, as long as the tenant's policy lets it reach there.
  Put("OWNED-1", Group("City", north_));
  EXPECT_TRUE(Ask(Request("OWNED-1")).ok());
  masa::v1::Catalog catalog = Catalog();
  catalog.clear_domain_certs();
  catalog.mutable_tenants(0)->set_domain_cert_reach(
      masa::v1::DOMAIN_CERT_REACH_EXACT_GROUP);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(Refusal(Request("OWNED-1")), Reason::kOwnerMismatch);
}

TEST_F(Groups, ARegistrationThatEndedLetsNobodyIn) {
  const Identity city_ca = testing::MakeIdentity(Spec("city ca", true));
  ASSERT_TRUE(
      desk_
          .CreateCert(As("root"), {"", "org-acme", city_ca.CertificateDer(),
                                   false, Noon() + absl::Minutes(1)})
          .ok());
  registrar_ = RegistrarOf(city_ca);
  domain_ca_ = city_ca;
  EXPECT_TRUE(Ask(Request("OWNED-1")).ok());
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(Refusal(Request("OWNED-1")), Reason::kOwnerMismatch);
}

TEST_F(Groups, EachChangeIsOneEventOfItsActor) {
  ASSERT_TRUE(desk_
                  .GiveRole(As("root"),
                            {north_, Robot("x", "org-acme"), GroupRole::kAdmin},
                            false)
                  .ok());
  const storage::AuditEvent event = store_.Events().back();
  EXPECT_EQ(event.kind, storage::kRoleGiven);
  EXPECT_EQ(event.actor, "urn:root");
  EXPECT_EQ(event.request_id, "id-root");
  EXPECT_NE(event.payload.find(north_), std::string::npos) << event.payload;
  // Names are not for ever, as events are.
  EXPECT_EQ(event.payload.find("\"x\""), std::string::npos) << event.payload;
}

TEST_F(Groups, ARequestIdStandsForOneChange) {
  GroupCall call = As("root");
  call.once_id = "once";
  call.once_digest = Sha256("East");
  const auto first = desk_.CreateGroup(call, "org-acme", "East");
  ASSERT_TRUE(first.ok()) << first.status();
  const size_t events = store_.Events().size();
  EXPECT_EQ(*desk_.CreateGroup(call, "org-acme", "East"), *first);
  EXPECT_EQ(store_.Events().size(), events);
  call.once_digest = Sha256("West");
  EXPECT_EQ(ReasonOf(desk_.CreateGroup(call, "org-acme", "West").status()),
            Reason::kRequestIdReused);
  // Another caller's id is another.
  GroupCall other = AsOperator();
  other.once_id = "once";
  other.once_digest = Sha256("West");
  EXPECT_TRUE(desk_.CreateGroup(other, "org-acme", "West").ok());
}

// An answer that got lost: the repeat finds what was done.
TEST_F(Groups, ARepeatAfterALostAnswerChangesNothing) {
  RacingStore racing(store_);
  ServeGroups desk(ToolsWith(racing));
  GroupCall call = As("root");
  call.once_id = "once";
  call.once_digest = Sha256("East");
  racing.first = [this] { store_.FailNext(MemoryStore::Failure::kStored); };
  EXPECT_EQ(ReasonOf(desk.CreateGroup(call, "org-acme", "East").status()),
            Reason::kStoreUnavailable);
  const auto again = desk.CreateGroup(call, "org-acme", "East");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(desk_.GetGroup(As("root"), *again)->group.description, "East");
}

// The first call is written between the repeat's look for it and its plan.
TEST_F(Groups, ARepeatBesideTheFirstCallGetsItsAnswer) {
  RacingStore racing(store_);
  ServeGroups desk(ToolsWith(racing));
  GroupCall call = As("root");
  call.once_id = "once";
  call.once_digest = Sha256("East");
  std::string first;
  racing.recalled = [&] {
    first = desk_.CreateGroup(call, "org-acme", "East").value_or("");
  };
  const auto beside = desk.CreateGroup(call, "org-acme", "East");
  ASSERT_TRUE(beside.ok()) << beside.status();
  EXPECT_EQ(*beside, first);
  // What refuses a change that is nobody's repeat still does.
  call.once_id = "another";
  EXPECT_EQ(ReasonOf(desk.CreateGroup(call, "org-acme", "East").status()),
            Reason::kGroupExists);
}

TEST_F(Groups, AChangeIsPlannedAnewWhenAnotherCameFirst) {
  RacingStore racing(store_);
  ServeGroups desk(ToolsWith(racing));
  racing.first = [this] { Group("First"); };
  EXPECT_TRUE(desk.CreateGroup(As("root"), "org-acme", "Second").ok());
  racing.first = [this] { Group("East"); };
  EXPECT_EQ(ReasonOf(desk.CreateGroup(As("root"), "org-acme", "East").status()),
            Reason::kGroupExists);
  racing.first = [this] { Put("OWNED-1", north_); };
  EXPECT_TRUE(desk.AddDevice(As("root"), {"", "OWNED-1", {}}, south_).ok());
  EXPECT_EQ(desk_.ListDevices(As("root"), south_, {}, 5)->size(), 1u);
  EXPECT_TRUE(desk_.ListDevices(As("root"), north_, {}, 5)->empty());
}

TEST_F(Groups, OnlyToBeCheckedIsNotWritten) {
  GroupCall call = As("root");
  call.validate_only = true;
  const size_t events = store_.Events().size();
  EXPECT_TRUE(desk_.CreateGroup(call, "org-acme", "East").ok());
  EXPECT_EQ(ReasonOf(desk_.CreateGroup(call, "org-acme", "North").status()),
            Reason::kGroupExists);
  EXPECT_EQ(store_.Events().size(), events);
}

// masa.v1: unknown and foreign are one.
TEST_F(Groups, WhatIsForeignIsUnknownUnlessOvgsAsks) {
  GroupCall stranger = As("root", "org-other");
  EXPECT_EQ(ReasonOf(desk_.GetGroup(stranger, north_).status()),
            Reason::kPermissionDenied);
  stranger.is_told_of_foreign = false;
  EXPECT_EQ(desk_.GetGroup(stranger, north_).status(),
            desk_.GetGroup(stranger, "group-none").status());
  EXPECT_EQ(desk_.GetTree(stranger, "org-acme").status(),
            desk_.GetTree(stranger, "org-none").status());
  const std::vector<storage::DeviceKey> devices = {{"", "OWNED-1", {}}};
  const std::vector<storage::DeviceKey> unknown = {{"", "NONE", {}}};
  EXPECT_EQ(desk_.GetDevices(stranger, devices, {"device"}).status(),
            desk_.GetDevices(stranger, unknown, {"device"}).status());
  EXPECT_EQ(desk_.ListOrganizations(stranger, "", 5)->size(), 1u);
  EXPECT_EQ(desk_.ListOrganizations(AsOperator(), "", 5)->size(), 2u);
}

// O10, O13: which accounts another organisation has is not told.
TEST_F(Groups, WhetherAnAccountIsThereItsOrganisationAloneHears) {
  const GroupCall stranger = As("root", "org-other");
  for (const char* name : {"root", "nobody"}) {
    const auto roles = desk_.ListRoles(stranger, Robot(name, "org-acme"));
    ASSERT_TRUE(roles.ok()) << name << " " << roles.status();
    EXPECT_TRUE(roles->empty()) << name;
  }
  EXPECT_EQ(desk_.ListRoles(As("root"), Robot("root", "org-acme"))->size(), 1u);
  for (const GroupCall& call : {As("root"), AsOperator()}) {
    EXPECT_EQ(
        ReasonOf(desk_.ListRoles(call, Robot("nobody", "org-acme")).status()),
        Reason::kUserUnknown);
  }
}

TEST_F(Groups, AnAccountSeesItsPartOfTheTree) {
  ASSERT_TRUE(
      desk_
          .GiveRole(As("root"),
                    {north_, Robot("x", "org-acme"), GroupRole::kRequestor},
                    false)
          .ok());
  const std::string cert = AddCert(south_, other_ca_);
  const auto tree = desk_.GetTree(As("x"), "org-acme");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(tree->groups.size(), 1u);
  EXPECT_EQ(tree->bindings.size(), 1u);
  EXPECT_TRUE(tree->certs.empty());
  EXPECT_EQ(desk_.GetTree(As("root"), "org-acme")->groups.size(), 3u);
}

TEST_F(Groups, OperatorsMakeAndDescribeOrganisations) {
  masa::v1::Organization organization;
  organization.set_organization_id("org-new");
  organization.set_display_name("New");
  EXPECT_EQ(
      ReasonOf(desk_.CreateOrganization(As("root"), organization).status()),
      Reason::kPermissionDenied);
  ASSERT_TRUE(desk_.CreateOrganization(AsOperator(), organization).ok());
  EXPECT_EQ(
      ReasonOf(desk_.CreateOrganization(AsOperator(), organization).status()),
      Reason::kOrganizationExists);
  organization.set_display_name("Newer");
  EXPECT_EQ(ReasonOf(desk_.UpdateOrganization(AsOperator(), organization, 7)),
            Reason::kEtagMismatch);
  ASSERT_TRUE(desk_.UpdateOrganization(AsOperator(), organization, 1).ok());
  EXPECT_EQ(desk_.GetTree(AsOperator(), "org-new")->organization.display_name(),
            "Newer");
}

// VI-17: all are stored before any is released, and none when one is refused.
TEST_F(Groups, VouchersComeAllOrNotAtAll) {
  Import("OWNED-2", "owned");
  Import("FREE-1", "default");
  const std::string cert = AddCert(north_, domain_ca_, true);
  const auto issued = Issue(As("root"), {"OWNED-2", "OWNED-1"}, cert);
  ASSERT_TRUE(issued.ok()) << issued.status();
  ASSERT_EQ(issued->size(), 2u);
  const auto voucher = Opened(issued->front().voucher.voucher);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->serial_number, "OWNED-2");
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
  EXPECT_EQ(voucher->expires_on, Noon() + absl::Hours(1));
  EXPECT_FALSE(voucher->nonce.has_value());
  EXPECT_TRUE(voucher->domain_cert_revocation_checks);
  EXPECT_EQ(Vouchers(), 2u);
  for (const char* other : {"NONE", "FREE-1"}) {
    GroupCall call = As("root");
    call.context.request_id = other;
    const auto refused = Issue(call, {"OWNED-1", other}, cert);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(FieldFaultsOf(refused.status()).at(0).field, "component[1]");
  }
  EXPECT_EQ(Vouchers(), 2u);
  // As the record says that was named, whatever another of this key says.
  GroupCall call = As("root");
  call.context.request_id = "unchecked";
  const auto plain = Issue(call, {"OWNED-1"}, "cert-org-acme");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_FALSE(
      Opened(plain->front().voucher.voucher)->domain_cert_revocation_checks);
}

// O7, O11: each call makes another voucher; a call's own id makes a retry safe.
TEST_F(Groups, ARepeatedRequestIdGetsTheStoredVouchers) {
  const std::string cert = AddCert(north_, domain_ca_);
  const auto first = Issue(As("root"), {"OWNED-1", "OWNED-1"}, cert);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_NE((*first)[0].voucher.voucher, (*first)[1].voucher.voucher);
  clock_.Advance(absl::Seconds(2));
  const auto again = Issue(As("root"), {"OWNED-1", "OWNED-1"}, cert);
  ASSERT_TRUE(again.ok()) << again.status();
  for (const size_t i : {0, 1}) {
    EXPECT_TRUE((*again)[i].replayed);
    EXPECT_EQ((*again)[i].voucher.voucher, (*first)[i].voucher.voucher);
  }
  GroupCall other = As("root");
  other.context.request_id = "another";
  EXPECT_NE(Issue(other, {"OWNED-1"}, cert)->front().voucher.voucher,
            (*first)[0].voucher.voucher);
  // The same id for another certificate is a mistake.
  EXPECT_EQ(
      ReasonOf(
          Issue(As("root"), {"OWNED-1"}, AddCert(north_, other_ca_)).status()),
      Reason::kRequestIdReused);
  // So it is for the same one that is registered otherwise.
  const std::string checked = AddCert(north_, domain_ca_, true);
  EXPECT_EQ(ReasonOf(Issue(As("root"), {"OWNED-1"}, checked).status()),
            Reason::kRequestIdReused);
  other.context.request_id = "with checks";
  ASSERT_TRUE(Issue(other, {"OWNED-1"}, checked).ok());
  EXPECT_TRUE(Issue(other, {"OWNED-1"}, checked)->front().replayed);
}

// A blocked device or domain gets nothing by this door either.
TEST_F(Groups, TheRulesOfVouchersHoldHereToo) {
  const std::string cert = AddCert(north_, domain_ca_);
  ASSERT_TRUE(
      store_.SetBlocked({}, "t", Noon(), {{"acme", "OWNED-1", {}}}, true)[0]
          .ok());
  EXPECT_EQ(ReasonOf(Issue(As("root"), {"OWNED-1"}, cert).status()),
            Reason::kDeviceBlocked);
}

}  // namespace
}  // namespace masa::issuance
