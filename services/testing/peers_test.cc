// The pledge and the registrar against each other, and the HTTPS client
// against a server that is not there.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"
#include "services/testing/status_matchers.h"
#include "services/wire/cms.h"
#include "services/wire/voucher.h"

namespace masa::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::Time Now() { return absl::FromUnixSeconds(1'800'000'000); }

CertificateSpec Spec(const std::string& name, bool is_ca) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Now() - absl::Hours(1);
  spec.not_after = Now() + absl::Hours(24);
  spec.is_ca = is_ca;
  return spec;
}

CertificateSpec DeviceSpec() {
  CertificateSpec spec = Spec("device", false);
  spec.subject_serial_number = "S-1";
  return spec;
}

class PeersTest : public ::testing::Test {
 protected:
  const Identity idevid_ca_ = MakeIdentity(Spec("IDevID CA", true));
  const Identity domain_ca_ = MakeIdentity(Spec("domain CA", true));
  const Identity voucher_root_ = MakeIdentity(Spec("voucher root", true));
  const Identity voucher_signer_ =
      MakeIdentity(Spec("voucher", false), &voucher_root_);
  const Registrar registrar_{
      MakeIdentity(Spec("registrar", false), &domain_ca_),
      {domain_ca_.CertificateDer()}};
  Pledge pledge_{MakeIdentity(DeviceSpec(), &idevid_ca_),
                 {idevid_ca_.CertificateDer()}};

  std::string Ask() {
    return pledge_.MakeRequest(registrar_.identity().CertificateDer(), Now());
  }

  // What the pledge says to a voucher that `signer` made.
  absl::Status Judge(const wire::Voucher& voucher, const Identity& signer) {
    CmsOptions options;
    options.certificates_der = {signer.CertificateDer(),
                                voucher_root_.CertificateDer()};
    const std::string signed_voucher =
        SignCms(wire::EncodeVoucherJson(voucher,
                                        Base64(voucher.pinned_domain_cert_der)),
                signer, options);
    VoucherExpectation expected;
    expected.voucher_root_der = voucher_root_.CertificateDer();
    expected.registrar_cert_der = registrar_.identity().CertificateDer();
    expected.registrar_chain_der = registrar_.chain_der();
    expected.at = Now();
    return pledge_.CheckVoucher(signed_voucher, expected).status();
  }

  wire::Voucher GoodVoucher() {
    wire::Voucher voucher;
    voucher.assertion = masa::v1::ASSERTION_PROXIMITY;
    voucher.created_on = Now();
    voucher.serial_number = "S-1";
    voucher.nonce = pledge_.nonce();
    voucher.pinned_domain_cert_der = domain_ca_.CertificateDer();
    return voucher;
  }
};

TEST_F(PeersTest, TheRegistrarCarriesSerialNonceIssuerAndRequestOn) {
  const std::string asked = Ask();
  const auto leaves = registrar_.LeavesFor(asked, pledge_.idevid(), Now());
  ASSERT_THAT(leaves, IsOk());
  EXPECT_EQ(leaves->serial_number, "S-1");
  EXPECT_EQ(leaves->nonce, pledge_.nonce());
  EXPECT_EQ(leaves->prior_signed_voucher_request, asked);
  // RV-15: 04 18 30 16 80 14 and the key identifier.
  ASSERT_EQ(leaves->idevid_issuer->size(), 26u);
  EXPECT_EQ(leaves->idevid_issuer->substr(0, 6),
            std::string("\x04\x18\x30\x16\x80\x14"));
  EXPECT_THAT(wire::ParseCms(registrar_.Sign(*leaves)), IsOk());
  EXPECT_THAT(registrar_.LeavesFor("garbage", pledge_.idevid(), Now()),
              HasReason(Reason::kMalformed));
}

TEST_F(PeersTest, EveryRequestHasANewNonce) {
  Ask();
  const std::string first = pledge_.nonce();
  Ask();
  EXPECT_NE(pledge_.nonce(), first);
}

TEST_F(PeersTest, ThePledgeTakesTheVoucherThatIsMeantForIt) {
  Ask();
  EXPECT_THAT(Judge(GoodVoucher(), voucher_signer_), IsOk());
  wire::Voucher pins_registrar = GoodVoucher();
  pins_registrar.pinned_domain_cert_der =
      registrar_.identity().CertificateDer();
  EXPECT_THAT(Judge(pins_registrar, voucher_signer_), IsOk());
}

TEST_F(PeersTest, ThePledgeDistrustsEveryOtherVoucher) {
  Ask();
  wire::Voucher other_serial = GoodVoucher();
  other_serial.serial_number = "S-2";
  wire::Voucher other_pin = GoodVoucher();
  other_pin.pinned_domain_cert_der = idevid_ca_.CertificateDer();
  wire::Voucher no_nonce = GoodVoucher();
  no_nonce.nonce.reset();
  no_nonce.expires_on = Now() + absl::Hours(1);
  const wire::Voucher old = GoodVoucher();
  EXPECT_THAT(std::string(Judge(other_serial, voucher_signer_).message()),
              HasSubstr("it is for S-2"));
  EXPECT_THAT(std::string(Judge(other_pin, voucher_signer_).message()),
              HasSubstr("pin"));
  EXPECT_THAT(std::string(Judge(no_nonce, voucher_signer_).message()),
              HasSubstr("nonce"));
  EXPECT_THAT(Judge(GoodVoucher(), MakeIdentity(Spec("forger", false))),
              HasReason(Reason::kChainInvalid));
  Ask();
  EXPECT_THAT(std::string(Judge(old, voucher_signer_).message()),
              HasSubstr("nonce"));
}

TEST(HttpsClient, SaysWhatIsWrongWithTheServerThatItIsAskedToReach) {
  HttpsServer no_address;
  no_address.address = "masa.example";
  EXPECT_THAT(HttpsClient::Connect(no_address),
              StatusIs(absl::StatusCode::kInvalidArgument));
  HttpsServer bad_root;
  bad_root.roots_der = {"no certificate"};
  EXPECT_THAT(HttpsClient::Connect(bad_root),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // Port 0 is nobody's.
  EXPECT_THAT(HttpsClient::Connect(HttpsServer()),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace masa::testing
