// What known registrars in the field send: taken by products that say so, and
// refused with the strict code for all others.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class Compatibility : public Desk {
 protected:
  Compatibility() {
    masa::v1::Catalog catalog;
    *catalog.add_products() = Catalog().products(0);
    catalog.mutable_products(0)->set_product_id("compat");
    catalog.mutable_products(0)->set_compatibility(true);
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    Import("OLD-1", "compat");
  }

  // The request with the older top key in itself or in the pledge's.
  std::string WithVoucherKey(const std::string& serial, bool outside,
                             bool inside) {
    const auto renamed = [](const std::string& json) {
      return absl::StrReplaceAll(
          json, {{"ietf-voucher-request:voucher", "ietf-voucher:voucher"}});
    };
    const std::string pledges = testing::RequestJson(PledgeLeaves(serial));
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.prior_signed_voucher_request =
        testing::SignCms(inside ? renamed(pledges) : pledges, Pledge(serial));
    const std::string json = testing::RequestJson(leaves);
    CmsOptions options;
    options.certificates_der = {registrar_.CertificateDer(),
                                domain_ca_.CertificateDer()};
    return testing::SignCms(outside ? renamed(json) : json, registrar_,
                            options);
  }
};

// EP-04, EP-14, EP-16: each is taken for the product that forgives, and has its
// strict code for another of the same tenant.
TEST_F(Compatibility, TakesOldEncodingsForProductsThatForgive) {
  const struct {
    const char* what;
    const char* content_type;
    bool fossil_path;
    bool base64;
    bool voucher_key;
    int strict;
    const char* answer_type;
  } cases[] = {
      {"path", kCms, true, false, false, 404, kCms},
      {"type", "application/voucher+cms", false, false, false, 415,
       "application/voucher+cms"},
      {"libest", "application/pkcs7-mime; smime-type=voucher-request", true,
       true, false, 404, "application/pkcs7-mime; smime-type=voucher"},
      {"base64", kCms, false, true, false, 400, kCms},
      {"top key", kCms, false, false, true, 400, kCms},
  };
  for (const auto& c : cases) {
    for (const char* serial : {"OLD-1", kSerial}) {
      std::string body = WithVoucherKey(serial, c.voucher_key, c.voucher_key);
      RegistrarCall call = Call(c.base64 ? testing::Base64(body) : body);
      call.content_type = c.content_type;
      call.fossil_path = c.fossil_path;
      const auto answer = registrar_desk_->RequestVoucher(call);
      if (serial == kSerial) {
        EXPECT_EQ(InfoOf(ReasonOf(answer.status())).http_status, c.strict)
            << c.what;
        continue;
      }
      ASSERT_TRUE(answer.ok()) << c.what << answer.status();
      EXPECT_EQ(answer->content_type, c.answer_type);
      std::string artifact = answer->body;
      if (c.base64) {
        ASSERT_TRUE(absl::Base64Unescape(answer->body, &artifact)) << c.what;
      }
      const auto voucher = Opened(artifact);
      ASSERT_TRUE(voucher.ok()) << c.what << voucher.status();
      EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY) << c.what;
    }
  }
}

// AMB-11: the signer tells a pledge's request from an old voucher, also where
// the pledge writes the voucher's key.
TEST_F(Compatibility, TheSignerTellsAPledgesRequestFromAVoucher) {
  EXPECT_EQ(Ask(WithVoucherKey("OLD-1", false, true))->assertion,
            masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(Refusal(WithVoucherKey(kSerial, false, true)),
            Reason::kPriorSignedInvalid);
}

// A tenant without such a product refuses before it looks at anything.
TEST_F(Desk, ATenantThatForgivesNothingIsStrict) {
  RegistrarCall call = Call(Request(kSerial));
  call.fossil_path = true;
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kPathUnknown);
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestAuditLog(call).status()),
            Reason::kPathUnknown);
  // EP-04: whatever came there.
  const struct {
    const char* body;
    const char* content_type;
    const char* accept;
  } cases[] = {{"garbage", kCms, ""},
               {"", "application/json", ""},
               {"", kCms, "foo/bar"}};
  for (const auto& c : cases) {
    call.body = c.body;
    call.content_type = c.content_type;
    call.accept = c.accept;
    EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
              Reason::kPathUnknown)
        << c.body << c.content_type << c.accept;
    EXPECT_EQ(ReasonOf(registrar_desk_->RequestAuditLog(call).status()),
              Reason::kPathUnknown)
        << c.body << c.content_type << c.accept;
  }
  call = Call(Request(kSerial));
  call.content_type = "application/voucher+cms";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kMediaTypeUnknown);
}

// Security is not an encoding: what is badly signed stays so.
TEST_F(Compatibility, ForgivesNoSecurityCheck) {
  std::string body = WithVoucherKey("OLD-1", true, true);
  body.back() = static_cast<char>(body.back() ^ 1);
  EXPECT_EQ(Refusal(testing::Base64(body)), Reason::kSignatureInvalid);
  EXPECT_EQ(
      Refusal(testing::SignCms(testing::RequestJson(RegistrarLeaves("OLD-1")),
                               Pledge("OLD-1"))),
      Reason::kRegistrarNotAuthorized);
}

}  // namespace
}  // namespace masa::issuance
