// What becomes of a request whose voucher retention has cleared, and of the
// period itself (SE-08, AL-26).
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/ids.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "operator", "acme", ""};
}

class Forgetful : public Desk {
 protected:
  // A voucher as retention leaves it.
  void PlantCleared(const std::string& serial, const std::string& digest) {
    const auto found = store_.Find({}, {{{"acme", serial, {}}, ""}});
    storage::IssuedVoucher cleared;
    cleared.created_on = Noon() - absl::Hours(1);
    cleared.voucher_id = NewId(cleared.created_on);
    cleared.audit_event_id = NewId(cleared.created_on);
    cleared.tenant_id = "acme";
    cleared.device_id = found[0]->device.device_id;
    cleared.bucket = found[0]->device.bucket;
    cleared.request_digest = digest;
    cleared.nonce = kNonce;
    const auto domain = wire::Certificate::Parse(domain_ca_.CertificateDer());
    cleared.domain_id = domain->DomainId();
    cleared.pinned_spki_sha256 = (*domain)->spki_sha256;
    const auto done = store_.Commit({}, {cleared});
    ASSERT_TRUE(done[0].ok()) << done[0].status();
  }
};

// RV-24: nothing is left to repeat, so the request is judged anew; the log
// still has the old entry, and its readers.
TEST_F(Forgetful, ARepeatOfAClearedVoucherIsJudgedAnew) {
  const std::string request = Request(kSerial);
  PlantCleared(kSerial, Sha256(request));
  const auto log = Log(request);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_NE(log->find(kNonce), std::string::npos) << *log;
  const auto voucher = Ask(request);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(EventsOf(kSerial), 2u);
  EXPECT_EQ(Ask(request)->created_on, voucher->created_on);
  EXPECT_EQ(EventsOf(kSerial), 2u);
}

TEST_F(Forgetful, AnOrderIsNotRepeatedWithNothing) {
  IssueOrder order;
  order.device = {"acme", "OWNED-1", {}};
  order.pinned_cert_der = domain_ca_.CertificateDer();
  order.nonce = kNonce;
  order.request_id = "one";
  PlantCleared("OWNED-1", Sha256("request_id:operator:one"));
  EXPECT_EQ(
      ReasonOf(operator_desk_->IssueVoucher({}, Operator(), order).status()),
      Reason::kRequestIdReused);
  order.request_id = "two";
  EXPECT_TRUE(operator_desk_->IssueVoucher({}, Operator(), order).ok());
}

// SE-08: the operator sets the period; one that would forget what is still in
// use is refused when written.
TEST_F(Forgetful, ThePeriodIsTheTenantsAndAtLeastADay) {
  ServePolicies desk(*tools_);
  auto tenant = desk.GetTenant({}, Operator());
  ASSERT_TRUE(tenant.ok()) << tenant.status();
  tenant->mutable_retention()->set_seconds(24 * 3600 - 1);
  EXPECT_EQ(
      ReasonOf(desk.UpdateTenant({}, Operator(), *tenant, false, {}).status()),
      Reason::kInvalidArgument);
  tenant->mutable_retention()->set_seconds(24 * 3600);
  ASSERT_TRUE(desk.UpdateTenant({}, Operator(), *tenant, false, {}).ok());
  EXPECT_EQ(desk.GetTenant({}, Operator())->retention().seconds(), 24 * 3600);
}

}  // namespace
}  // namespace masa::issuance
