// Calls of operators and customers.
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "op", "acme", ""};
}

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization, "acme", organization,
          kAccount};
}

TEST_F(Desk, CustomersLearnNothingOfOthersDevices) {
  const storage::DeviceKey owned{"acme", "OWNED-1", {}};
  const storage::DeviceKey none{"acme", "NONE", {}};
  EXPECT_TRUE(operator_desk_->GetDevice({}, Customer("org-acme"), owned).ok());
  const auto foreign =
      operator_desk_->GetDevice({}, Customer("org-other"), owned);
  const auto unknown =
      operator_desk_->GetDevice({}, Customer("org-other"), none);
  EXPECT_EQ(foreign.status(), unknown.status());
  EXPECT_EQ(ReasonOf(foreign.status()), Reason::kDeviceUnknown);
  EXPECT_EQ(
      ReasonOf(transfer_desk_
                   ->Assign({{}, Customer("org-acme")}, {owned}, "org-other")
                   .status()),
      Reason::kPermissionDenied);
}

// The roles that OVGS gives hold for masa.v1: an account without one in the
// device's groups sees nothing of it.
TEST_F(Desk, AnAccountsRolesSayWhichDevicesItHas) {
  identity::Principal nobody = Customer("org-acme");
  nobody.username = "nobody";
  identity::Principal person = Customer("org-acme");
  person.is_service_account = false;
  IssueOrder order;
  order.device = {"acme", "OWNED-1", {}};
  order.pinned_cert_der = domain_ca_.CertificateDer();
  order.expires_on = Noon() + absl::Hours(1);
  for (const auto& caller : {nobody, person}) {
    EXPECT_EQ(
        ReasonOf(operator_desk_->GetDevice({}, caller, order.device).status()),
        Reason::kDeviceUnknown);
    EXPECT_EQ(
        ReasonOf(operator_desk_->IssueVoucher({}, caller, order).status()),
        Reason::kDeviceUnknown);
    EXPECT_EQ(ReasonOf(registry_desk_->List({}, caller, {}, {}, 9).status()),
              Reason::kOrganizationUnknown);
  }
  EXPECT_TRUE(
      operator_desk_->IssueVoucher({}, Customer("org-acme"), order).ok());
  // A role in another group is none in the root, where the device is.
  const auto trees = store_.ReadTrees(
      {}, {"acme", storage::TreeQuestion::By::kOrganization, "org-acme"});
  storage::TreeChange change;
  change.tenant_id = "acme";
  change.organization_id = "org-acme";
  change.expected_version = trees->front().version;
  change.groups = {{"north", "org-acme", "North", 1}};
  change.bindings = {
      {"north",
       {"org-acme", "nobody", storage::AccountType::kServiceAccount},
       storage::GroupRole::kAdmin}};
  ASSERT_TRUE(store_.Change({}, "test", Noon(), change).ok());
  EXPECT_FALSE(operator_desk_->GetDevice({}, nobody, order.device).ok());
  ASSERT_TRUE(
      store_.Place({}, "test", Noon(), {order.device, "org-acme", "", "north"})
          .ok());
  EXPECT_TRUE(operator_desk_->GetDevice({}, nobody, order.device).ok());
}

TEST_F(Desk, OwnershipIsResolvedAsTheRulesWould) {
  const std::string domain =
      (*wire::Certificate::Parse(domain_ca_.CertificateDer()))->spki_sha256;
  const struct {
    const char* serial;
    std::string spki;
    OwnershipDecision decision;
  } cases[] = {
      {"OWNED-1", domain, OwnershipDecision::kAllow},
      {"OWNED-1", "", OwnershipDecision::kDeny},
      {kSerial, domain, OwnershipDecision::kLogOnly},
  };
  for (const auto& c : cases) {
    const auto answer = operator_desk_->ResolveOwnership(
        {}, Operator(), {"acme", c.serial, {}}, c.spki);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->decision, c.decision) << c.serial;
  }
}

TEST_F(Desk, ManyOwnershipsKeepTheirOrderAndTheirOwnOutcomes) {
  const std::string domain =
      (*wire::Certificate::Parse(domain_ca_.CertificateDer()))->spki_sha256;
  const std::vector<OwnershipQuestion> questions = {
      {{"", "NONE", {}}, domain},
      {{"other-tenant", "OWNED-1", {}}, domain},
      {{"", "OWNED-1", {}}, ""},
      {{"", kSerial, {}}, domain},
  };
  const auto answers =
      operator_desk_->ResolveOwnerships({}, Operator(), questions);
  ASSERT_TRUE(answers.ok()) << answers.status();
  ASSERT_EQ(answers->size(), questions.size());
  EXPECT_EQ(ReasonOf((*answers)[0].status()), Reason::kDeviceUnknown);
  EXPECT_EQ((*answers)[1]->decision, OwnershipDecision::kAllow);
  EXPECT_EQ((*answers)[1]->owner_cert_der, domain_ca_.CertificateDer());
  EXPECT_EQ((*answers)[1]->as_of, clock_.Now());
  EXPECT_EQ((*answers)[2]->decision, OwnershipDecision::kDeny);
  EXPECT_EQ((*answers)[2]->owner_cert_der, "");
  EXPECT_EQ((*answers)[3]->decision, OwnershipDecision::kLogOnly);
  for (const size_t count : {0, 1001}) {
    EXPECT_EQ(
        ReasonOf(operator_desk_
                     ->ResolveOwnerships({}, Operator(),
                                         std::vector<OwnershipQuestion>(count))
                     .status()),
        Reason::kTooManyItems);
  }
}

// Unknown, foreign, unowned, and a serial number that several devices have: a
// customer hears one sentence.
TEST_F(Desk, CustomersResolveTheirOwnDevicesAlone) {
  for (const char* issuer : {"issuer-1", "issuer-2"}) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = "TWICE";
    device.idevid_issuer = issuer;
    device.product_id = "owned";
    device.organization_id = "org-acme";
    ASSERT_TRUE(
        store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)
            .front()
            .ok());
  }
  const std::vector<OwnershipQuestion> questions = {
      {{"", "NONE", {}}, ""},
      {{"", "OWNED-1", {}}, ""},
      {{"", kSerial, {}}, ""},
      {{"", "TWICE", {}}, ""},
  };
  const auto foreign =
      operator_desk_->ResolveOwnerships({}, Customer("org-other"), questions);
  ASSERT_TRUE(foreign.ok());
  for (const auto& answer : *foreign) {
    EXPECT_EQ(ReasonOf(answer.status()), Reason::kDeviceUnknown);
    EXPECT_EQ(answer.status(), foreign->front().status());
  }
  const auto own =
      operator_desk_->ResolveOwnerships({}, Customer("org-acme"), questions);
  ASSERT_TRUE(own.ok());
  EXPECT_TRUE((*own)[1].ok()) << (*own)[1].status();
  EXPECT_EQ(
      ReasonOf(operator_desk_
                   ->ResolveOwnership({}, Operator(), {"", "TWICE", {}}, "")
                   .status()),
      Reason::kDeviceAmbiguous);
}

// What issuance would refuse is not called a matter of logging alone.
TEST_F(Desk, AFirstClaimersDeviceWithAnOwnerIsThatOwners) {
  ChangeProduct([](masa::v1::Product* product) {
    product->set_ownership(masa::v1::OWNERSHIP_RULE_FIRST_CLAIM);
  });
  const auto decide = [this](const Identity& ca) {
    return operator_desk_
        ->ResolveOwnership(
            {}, Operator(), {"", kSerial, {}},
            (*wire::Certificate::Parse(ca.CertificateDer()))->spki_sha256)
        ->decision;
  };
  EXPECT_EQ(decide(other_ca_), OwnershipDecision::kLogOnly);
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-acme")
          .front()
          .ok());
  EXPECT_EQ(decide(other_ca_), OwnershipDecision::kDeny);
  EXPECT_EQ(decide(domain_ca_), OwnershipDecision::kAllow);
}

TEST_F(Desk, OperatorIssuesOncePerRequestId) {
  IssueOrder order;
  order.device = {"acme", "OWNED-1", {}};
  order.pinned_cert_der = domain_ca_.CertificateDer();
  order.expires_on = Noon() + absl::Hours(1);
  order.request_id = "id-1";
  const auto first = operator_desk_->IssueVoucher({}, Operator(), order);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->voucher.assertion, masa::v1::ASSERTION_VERIFIED);
  const auto again = operator_desk_->IssueVoucher({}, Operator(), order);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->voucher.voucher, first->voucher.voucher);
  order.pinned_cert_der = other_ca_.CertificateDer();
  EXPECT_EQ(
      ReasonOf(operator_desk_->IssueVoucher({}, Operator(), order).status()),
      Reason::kRequestIdReused);
  order.request_id = "id-2";
  EXPECT_EQ(
      ReasonOf(operator_desk_->IssueVoucher({}, Operator(), order).status()),
      Reason::kOwnerMismatch);
}

}  // namespace
}  // namespace masa::issuance
