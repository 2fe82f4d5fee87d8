// What comes between the look at a device and the commit of its voucher.
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/answer_registrar.h"
#include "services/issuance/serve_operators.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/test_racing_store.h"

namespace masa::issuance {
namespace {

class Raced : public Desk {
 protected:
  RacingLog log_{store_};
  const Tools tools_of_{store_,    store_, log_,       *signer_,
                        verifier_, clock_, *policies_, *templates_,
                        store_,    store_, store_};
  AnswerRegistrar registrars_{tools_of_};
  ServeOperators operators_{tools_of_};
};

// VI-18: both domains saw that nobody had claimed it.
TEST_F(Raced, OfTwoFirstClaimsAtOnceOneIs) {
  const std::string first = Request(kSerial);
  const std::string second =
      Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_), other_ca_);
  ChangeProduct(
      [](auto* p) { p->set_ownership(masa::v1::OWNERSHIP_RULE_FIRST_CLAIM); });
  log_.first = [&] { EXPECT_TRUE(Ask(first).ok()); };
  EXPECT_EQ(ReasonOf(registrars_.RequestVoucher(Call(second)).status()),
            Reason::kOwnerMismatch);
  EXPECT_TRUE(Ask(first).ok());
}

// A block that is answered holds for who was judged before it.
TEST_F(Raced, NoVoucherIsReleasedBehindABlock) {
  const auto block = [this](const std::string& serial) {
    EXPECT_TRUE(
        store_.SetBlocked({}, "test", Noon(), {{"acme", serial, {}}}, true)[0]
            .ok());
  };
  log_.first = [&] { block(kSerial); };
  EXPECT_EQ(
      ReasonOf(registrars_.RequestVoucher(Call(Request(kSerial))).status()),
      Reason::kDeviceBlocked);
  IssueOrder order;
  order.device = {"acme", "OWNED-1", {}};
  order.pinned_cert_der = domain_ca_.CertificateDer();
  order.expires_on = Noon() + absl::Hours(1);
  const identity::Principal owner{identity::Role::kCustomer, "org-acme", "acme",
                                  "org-acme", kAccount};
  log_.first = [&] { block("OWNED-1"); };
  EXPECT_EQ(ReasonOf(operators_.IssueVoucher({}, owner, order).status()),
            Reason::kDeviceBlocked);
  for (const storage::AuditEvent& event : store_.Events()) {
    EXPECT_NE(event.kind, storage::kVoucherIssued);
  }
}

}  // namespace
}  // namespace masa::issuance
