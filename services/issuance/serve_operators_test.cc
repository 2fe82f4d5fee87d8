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

// PN-06: no device meets somebody with its CA's key.
TEST_F(Desk, WhereDevicesKnowKeysAloneNoOrderPinsACa) {
  IssueOrder order;
  order.device = {"acme", kSerial, {}};
  order.nonce = kNonce;
  for (const auto rule : {masa::v1::PIN_RULE_REGISTRAR_PUBK,
                          masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256}) {
    ChangeProduct([rule](masa::v1::Product* p) { p->set_pin(rule); });
    order.pinned_cert_der = domain_ca_.CertificateDer();
    EXPECT_EQ(
        ReasonOf(operator_desk_->IssueVoucher({}, Operator(), order).status()),
        Reason::kInvalidArgument);
    order.pinned_cert_der = registrar_.CertificateDer();
    const auto issued = operator_desk_->IssueVoucher({}, Operator(), order);
    ASSERT_TRUE(issued.ok()) << issued.status();
    const auto voucher = Opened(issued->voucher.voucher);
    EXPECT_EQ(voucher->pinned_domain_cert_der, "");
  }
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
