// Policies as operators change them.
#include "services/issuance/serve_policies.h"

#include <functional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/test_racing_store.h"

namespace masa::issuance {
namespace {

class PolicyDeskTest : public Desk {
 protected:
  static identity::Principal Operator() {
    return {identity::Role::kOperator, "operator", "acme", ""};
  }
  static identity::Principal Customer() {
    return {identity::Role::kCustomer, "owner", "acme", "org-acme"};
  }
  masa::v1::Product Stored() {
    return policies_of_.ListProducts({}, Operator())->front();
  }
  size_t Changes() {
    size_t count = 0;
    for (const auto& event : store_.Events()) {
      count += event.kind == storage::kCatalogApplied ? 1 : 0;
    }
    return count;
  }

  Tools ToolsWith(storage::CatalogStore& catalog, storage::GroupStore& groups) {
    return {catalog,    store_,      store_, *signer_, verifier_, clock_,
            *policies_, *templates_, store_, store_,   groups};
  }

  ServePolicies policies_of_{*tools_};
};

// A product is written whole, is one event, and rules the next request.
TEST_F(PolicyDeskTest, AWrittenProductRulesTheNextRequest) {
  masa::v1::Product product = Stored();
  product.set_prior_signed_required(true);
  const size_t before = Changes();
  ASSERT_TRUE(
      policies_of_.UpdateProduct({}, Operator(), product, true, {}).ok());
  EXPECT_EQ(Changes(), before) << "checked only";
  const auto written =
      policies_of_.UpdateProduct({}, Operator(), product, false, {});
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(Changes(), before + 1);
  EXPECT_EQ(store_.Events().back().actor, "operator");
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_)),
            Reason::kPriorSignedRequired);
}

// What cannot be is refused when it is written, and nothing changes.
TEST_F(PolicyDeskTest, RefusesProductsThatCannotBe) {
  const struct {
    void (*breaks)(masa::v1::Product*);
    Reason reason;
  } cases[] = {
      {[](auto* p) { p->clear_formats(); }, Reason::kInvalidArgument},
      {[](auto* p) { p->set_signing_key("none"); }, Reason::kKeyUnknown},
      {[](auto* p) { p->set_signer_policy_oid("1.2.3"); },
       Reason::kInvalidArgument},
      {[](auto* p) {
         p->set_clock(masa::v1::CLOCK_RULE_NONE);
         p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
       },
       Reason::kInvalidArgument},
  };
  const size_t before = Changes();
  for (const auto& c : cases) {
    masa::v1::Product product = Stored();
    c.breaks(&product);
    EXPECT_EQ(
        InfoOf(ReasonOf(policies_of_
                            .UpdateProduct({}, Operator(), product, false, {})
                            .status()))
            .name,
        InfoOf(c.reason).name);
  }
  EXPECT_EQ(Changes(), before);
}

// TR-10: names and the default belong to whoever runs the service.
TEST_F(PolicyDeskTest, ATenantKeepsItsNames) {
  auto tenant = policies_of_.GetTenant({}, Operator());
  ASSERT_TRUE(tenant.ok()) << tenant.status();
  tenant->clear_host_names();
  tenant->add_host_names("other.example");
  tenant->set_is_default(false);
  tenant->set_tenant_id("other");
  tenant->set_display_name("Acme & Sons");
  const auto written =
      policies_of_.UpdateTenant({}, Operator(), *tenant, false, {});
  ASSERT_TRUE(written.ok()) << written.status();
  const auto stored = policies_of_.GetTenant({}, Operator());
  EXPECT_EQ(stored->display_name(), "Acme & Sons");
  EXPECT_EQ(stored->host_names(0), "masa.example");
  EXPECT_TRUE(stored->is_default());
}

// OP-05: a CA that issues IDevIDs never stands above a signer of vouchers:
// neither written nor served.
TEST_F(PolicyDeskTest, TheIdevidCaNeverSignsVouchers) {
  auto tenant = policies_of_.GetTenant({}, Operator());
  tenant->add_idevid_anchors_der(voucher_root_.CertificateDer());
  const auto written =
      policies_of_.UpdateTenant({}, Operator(), *tenant, false, {});
  EXPECT_EQ(ReasonOf(written.status()), Reason::kInvalidArgument);
  masa::v1::Catalog past;
  *past.add_tenants() = *tenant;
  const auto served = [&] {
    return CheckAnySigns(*HealthOfKeys({}, *policies_, *signer_));
  };
  ASSERT_TRUE(served().ok());
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), past).ok());
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(ReasonOf(served()), Reason::kMisconfigured);
}

// TR-13: set over gRPC, kept as a hash, asked of the next request.
TEST_F(PolicyDeskTest, SetsWhatRegistrarsShow) {
  const std::string password = "a password of enough";
  const auto set = [&](const std::string& organization,
                       const std::string& word) {
    return ReasonOf(policies_of_.SetRegistrarAuthentication(
        {}, Operator(), organization, masa::v1::REGISTRAR_AUTHENTICATION_BASIC,
        {{"registrar", word}}, {}));
  };
  EXPECT_EQ(set("org-acme", "short"), Reason::kInvalidArgument);
  EXPECT_EQ(set("none", password), Reason::kOrganizationUnknown);
  ASSERT_TRUE(
      policies_of_
          .SetRegistrarAuthentication({}, Operator(), "org-acme",
                                      masa::v1::REGISTRAR_AUTHENTICATION_BASIC,
                                      {{"registrar", password}}, {})
          .ok());
  RegistrarCall call = Call(Request(kSerial));
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kAuthenticationRequired);
  call.authorization =
      absl::StrCat("Basic ", absl::Base64Escape("registrar:" + password));
  EXPECT_TRUE(registrar_desk_->RequestVoucher(call).ok());
}

// AMB-01: the customer's part, changed alone.
TEST_F(PolicyDeskTest, SetsWhoMayHaveEndlessVouchers) {
  const auto set = [&](const identity::Principal& caller,
                       const std::string& organization, bool allowed) {
    return policies_of_.SetEndlessVouchers({}, caller, organization, allowed,
                                           {});
  };
  const auto stored = [this] {
    return *store_.GetOrganization({}, "acme", "org-acme");
  };
  const masa::v1::Organization before = stored();
  ASSERT_TRUE(set(Operator(), "org-acme", true).ok());
  masa::v1::Organization allowed = before;
  allowed.set_nonceless_without_expiry(true);
  EXPECT_EQ(stored().SerializeAsString(), allowed.SerializeAsString());
  ASSERT_TRUE(set(Operator(), "org-acme", false).ok());
  EXPECT_EQ(stored().SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(ReasonOf(set(Operator(), "none", true)),
            Reason::kOrganizationUnknown);
  EXPECT_EQ(
      ReasonOf(set({identity::Role::kCustomer, "owner", "acme", "org-acme"},
                   "org-acme", true)),
      Reason::kPermissionDenied);
}

// RV-30: a block works with the next request; PV-23: so does a device's.
TEST_F(PolicyDeskTest, BlocksWorkAtOnce) {
  masa::v1::BlockedDomain domain;
  domain.set_tenant_id("another");
  domain.set_spki_sha256(
      (*wire::Certificate::Parse(domain_ca_.CertificateDer()))->spki_sha256);
  ASSERT_TRUE(policies_of_.BlockDomain({}, Operator(), domain, {}).ok());
  EXPECT_EQ(Refusal(Request(kSerial)), Reason::kDomainBlocked);
  domain.set_lifted(true);
  ASSERT_TRUE(policies_of_.BlockDomain({}, Operator(), domain, {}).ok());
  const std::vector<storage::DeviceKey> keys = {{"", kSerial, {}}};
  const GroupCall call{{}, Operator()};
  ASSERT_TRUE(transfer_desk_->Block(call, keys, false)->outcomes[0].ok());
  EXPECT_EQ(Refusal(Request(kSerial)), Reason::kDeviceBlocked);
  ASSERT_TRUE(transfer_desk_->Block(call, keys, true)->outcomes[0].ok());
  EXPECT_TRUE(Ask(Request(kSerial)).ok());
}

// A change under an id of the caller's own is made once, and the id stands for
// no other.
TEST_F(PolicyDeskTest, AChangeThatIsSentAgainIsMadeOnce) {
  const Once first{"id", std::string(32, 'a')};
  const Once other{"id", std::string(32, 'b')};
  masa::v1::Product product = Stored();
  product.set_product_id("new");
  masa::v1::BlockedDomain domain;
  domain.set_spki_sha256(std::string(32, 'k'));
  const auto events = [this] { return store_.Events().size(); };
  const size_t before = events();
  ASSERT_TRUE(
      policies_of_.UpdateProduct({}, Operator(), product, true, first).ok());
  EXPECT_EQ(events(), before) << "what is only checked stands for nothing";
  ASSERT_TRUE(
      policies_of_.UpdateProduct({}, Operator(), product, false, first).ok());
  EXPECT_EQ(events(), before + 1);
  const auto again =
      policies_of_.UpdateProduct({}, Operator(), product, false, first);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->product_id(), "new");
  EXPECT_EQ(events(), before + 1);
  const absl::Status reused[] = {
      policies_of_.UpdateProduct({}, Operator(), product, false, other)
          .status(),
      policies_of_
          .UpdateTenant({}, Operator(), *policies_of_.GetTenant({}, Operator()),
                        false, other)
          .status(),
      policies_of_.BlockDomain({}, Operator(), domain, other),
      policies_of_.SetEndlessVouchers({}, Operator(), "org-acme", true, other),
      policies_of_.SetRegistrarAuthentication(
          {}, Operator(), "org-acme",
          masa::v1::REGISTRAR_AUTHENTICATION_SIGNATURE, {}, other)};
  for (const absl::Status& status : reused) {
    EXPECT_EQ(ReasonOf(status), Reason::kRequestIdReused) << status;
  }
  EXPECT_EQ(events(), before + 1);
  // Another operator's ids are its own.
  identity::Principal second = Operator();
  second.name = "second";
  EXPECT_TRUE(policies_of_.BlockDomain({}, second, domain, other).ok());
  EXPECT_TRUE(policies_of_.BlockDomain({}, second, domain, other).ok());
  EXPECT_EQ(events(), before + 2);
}

// Two who change different things of a record at once both do.
TEST_F(PolicyDeskTest, WhatIsChangedAtOnceIsNotLost) {
  RacingCatalog racing(store_);
  ServePolicies second(ToolsWith(racing, store_));
  const auto customer = [this] {
    return *store_.GetOrganization({}, "acme", "org-acme");
  };
  const auto allow = [](ServePolicies& desk) {
    return desk.SetEndlessVouchers({}, Operator(), "org-acme", true, {});
  };
  const auto ask_for_basic = [](ServePolicies& desk) {
    return desk.SetRegistrarAuthentication(
        {}, Operator(), "org-acme", masa::v1::REGISTRAR_AUTHENTICATION_BASIC,
        {{"registrar", "a password of enough"}}, {});
  };
  const masa::v1::Organization before = customer();
  racing.first = [&] { ASSERT_TRUE(allow(policies_of_).ok()); };
  ASSERT_TRUE(ask_for_basic(second).ok());
  EXPECT_TRUE(customer().nonceless_without_expiry());
  EXPECT_EQ(customer().basic_credentials_size(), 1);
  masa::v1::Catalog past;
  *past.add_organizations() = before;
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), past).ok());
  racing.first = [&] { ASSERT_TRUE(ask_for_basic(policies_of_).ok()); };
  ASSERT_TRUE(allow(second).ok());
  EXPECT_TRUE(customer().nonceless_without_expiry());
  EXPECT_EQ(customer().basic_credentials_size(), 1);

  auto tenant = policies_of_.GetTenant({}, Operator());
  racing.first = [&] {
    masa::v1::Catalog names;
    *names.add_tenants() = *tenant;
    names.mutable_tenants(0)->add_host_names("new.example");
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), names).ok());
  };
  tenant->set_display_name("Acme & Sons");
  ASSERT_TRUE(second.UpdateTenant({}, Operator(), *tenant, false, {}).ok());
  const auto stored = policies_of_.GetTenant({}, Operator());
  EXPECT_EQ(stored->display_name(), "Acme & Sons");
  EXPECT_EQ(stored->host_names_size(), tenant->host_names_size() + 1);
}

// One that loses every race is told so in the end.
TEST_F(PolicyDeskTest, WhoIsAlwaysSecondGivesUp) {
  RacingCatalog racing(store_);
  ServePolicies second(ToolsWith(racing, store_));
  bool allowed = false;
  std::function<void()> others = [&] {
    allowed = !allowed;
    ASSERT_TRUE(
        policies_of_.SetEndlessVouchers({}, Operator(), "org-acme", allowed, {})
            .ok());
    racing.first = others;
  };
  racing.first = others;
  EXPECT_EQ(ReasonOf(second.SetRegistrarAuthentication(
                {}, Operator(), "org-acme",
                masa::v1::REGISTRAR_AUTHENTICATION_SIGNATURE, {}, {})),
            Reason::kStoreConflict);
}

// Of equal calls at once the second hears what the first did.
TEST_F(PolicyDeskTest, EqualCallsAtOnceAreOneChange) {
  RacingStore racing(store_);
  ServePolicies second(ToolsWith(store_, racing));
  masa::v1::Tenant tenant = *policies_of_.GetTenant({}, Operator());
  masa::v1::Product product = Stored();
  product.set_product_id("new");
  masa::v1::BlockedDomain domain;
  domain.set_spki_sha256(std::string(32, 'k'));
  using Call =
      std::function<absl::Status(ServePolicies & desk, const Once& once)>;
  const Call calls[] = {
      [&](ServePolicies& desk, const Once& once) {
        return desk.UpdateTenant({}, Operator(), tenant, false, once).status();
      },
      [&](ServePolicies& desk, const Once& once) {
        return desk.UpdateProduct({}, Operator(), product, false, once)
            .status();
      },
      [&](ServePolicies& desk, const Once& once) {
        return desk.BlockDomain({}, Operator(), domain, once);
      },
      [&](ServePolicies& desk, const Once& once) {
        return desk.SetEndlessVouchers({}, Operator(), "org-acme", true, once);
      },
      [&](ServePolicies& desk, const Once& once) {
        return desk.SetRegistrarAuthentication(
            {}, Operator(), "org-acme",
            masa::v1::REGISTRAR_AUTHENTICATION_SIGNATURE, {}, once);
      }};
  int number = 0;
  for (const Call& call : calls) {
    const Once once = {absl::StrCat("id-", ++number), std::string(32, 'a')};
    const Once other = {once.id, std::string(32, 'b')};
    const size_t before = Changes();
    racing.recalled = [&] { ASSERT_TRUE(call(policies_of_, once).ok()); };
    const absl::Status again = call(second, once);
    EXPECT_TRUE(again.ok()) << number << again;
    EXPECT_EQ(Changes(), before + 1) << number;
    racing.recalled = nullptr;
    EXPECT_EQ(ReasonOf(call(second, other)), Reason::kRequestIdReused);
  }
}

TEST_F(PolicyDeskTest, IsForOperatorsAlone) {
  EXPECT_EQ(ReasonOf(policies_of_.GetTenant({}, Customer()).status()),
            Reason::kPermissionDenied);
  EXPECT_EQ(ReasonOf(policies_of_.ListProducts({}, Customer()).status()),
            Reason::kPermissionDenied);
  EXPECT_EQ(
      ReasonOf(policies_of_.UpdateProduct({}, Customer(), Stored(), false, {})
                   .status()),
      Reason::kPermissionDenied);
  EXPECT_EQ(
      ReasonOf(
          policies_of_.UpdateTenant({}, Customer(), {}, false, {}).status()),
      Reason::kPermissionDenied);
  EXPECT_EQ(ReasonOf(policies_of_.BlockDomain({}, Customer(), {}, {})),
            Reason::kPermissionDenied);
  EXPECT_EQ(ReasonOf(transfer_desk_
                         ->Block({{}, Customer()},
                                 {{"", kSerial, std::nullopt}}, false)
                         .status()),
            Reason::kPermissionDenied);
}

}  // namespace
}  // namespace masa::issuance
