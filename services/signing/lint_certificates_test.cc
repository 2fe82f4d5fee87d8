#include "gtest/gtest.h"
#include "services/signing/lint.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/wire/status_lists.h"

namespace masa::signing {
namespace {

Identity MakeCa() {
  testing::CertificateSpec spec;
  spec.common_name = "CA";
  spec.is_ca = true;
  spec.not_before = Now() - absl::Hours(1);
  spec.not_after = Now() + absl::Hours(1);
  return testing::MakeIdentity(spec);
}

// Of one CA, with a certificate for one device.
struct Fixture {
  Identity ca = MakeCa();
  wire::Certificate ca_certificate =
      *wire::Certificate::Parse(ca.CertificateDer());
  wire::CertificateForm form;

  Fixture() {
    const auto device =
        wire::Certificate::Parse(Make(KeyKind::kP256).CertificateDer());
    form.serial = "\x41" + std::string(17, 'r');
    form.issuer_der = ca_certificate->subject_der;
    form.authority_key_id = *ca_certificate->subject_key_id;
    form.subject_der = (*device)->subject_der;
    form.spki_der = (*device)->spki_der;
    form.not_before = Now();
    form.not_after = absl::InfiniteFuture();
    form.masa_url = "masa.example";
  }

  absl::StatusOr<std::string> Sign(const std::vector<Kind>& kinds,
                                   ToBeSigned item) const {
    LocalKeySource source = {
        {"ca", ca.CertificatePem(), kinds}, ca.KeyPem(), ""};
    const auto signer = LocalSigner::New({source});
    if (!signer.ok()) {
      return signer.status();
    }
    std::vector<ToBeSigned> items;
    items.push_back(std::move(item));
    return (*signer)->Sign({}, "ca", items).front();
  }

  ToBeSigned Item(const wire::CertificateForm& written,
                  const wire::CertificateForm& meant) const {
    return ToBeSigned::Certificate(*wire::EncodeTbsCertificate(written), meant);
  }
};

TEST(LintCertificates, ACaKeySignsWhatIsMeant) {
  const Fixture fixture;
  EXPECT_TRUE(
      fixture
          .Sign({Kind::kCertificate}, fixture.Item(fixture.form, fixture.form))
          .ok());
}

TEST(LintCertificates, ACaKeySignsNothingElse) {
  const Fixture fixture;
  wire::CertificateForm other = fixture.form;
  other.masa_url = "evil.example";
  wire::CertificateForm foreign = fixture.form;
  foreign.issuer_der = fixture.form.subject_der;
  wire::CertificateForm own = fixture.form;
  own.spki_der = fixture.ca_certificate->spki_der;
  wire::CertificateForm another = fixture.form;
  another.algorithm = SignatureAlgorithm::kEd25519;
  struct Case {
    const char* name;
    ToBeSigned item;
  };
  Case cases[] = {
      {"other octets", fixture.Item(other, fixture.form)},
      {"another issuer", fixture.Item(foreign, foreign)},
      {"the CA's own key", fixture.Item(own, own)},
      {"another algorithm", fixture.Item(another, another)},
      {"a CRL", ToBeSigned::Crl("x")},
  };
  for (Case& one : cases) {
    EXPECT_EQ(
        ReasonOf(
            fixture.Sign({Kind::kCertificate, Kind::kCrl}, std::move(one.item))
                .status()),
        Reason::kKeyNotForThis)
        << one.name;
  }
}

TEST(LintCertificates, OnlyAKeyForThemSignsCertificatesAndLists) {
  const Fixture fixture;
  wire::CrlForm crl;
  crl.issuer_der = fixture.ca_certificate->subject_der;
  crl.authority_key_id = *fixture.ca_certificate->subject_key_id;
  crl.this_update = Now();
  crl.next_update = Now() + absl::Hours(1);
  const auto list = [&] { return ToBeSigned::Crl(wire::EncodeTbsCrl(crl)); };
  EXPECT_TRUE(fixture.Sign({Kind::kCrl}, list()).ok());
  EXPECT_EQ(ReasonOf(fixture.Sign({Kind::kCertificate}, list()).status()),
            Reason::kKeyNotForThis);
  crl.issuer_der = fixture.form.subject_der;
  EXPECT_EQ(ReasonOf(fixture.Sign({Kind::kCrl}, list()).status()),
            Reason::kKeyNotForThis);
  EXPECT_EQ(ReasonOf(fixture
                         .Sign({Kind::kOcspResponse},
                               ToBeSigned::OcspResponse("\x30\x03xyz"))
                         .status()),
            Reason::kKeyNotForThis);
}

TEST(LintCertificates, NoKeyIsForVouchersAndForCertificates) {
  const Fixture fixture;
  EXPECT_EQ(ReasonOf(fixture
                         .Sign({Kind::kVoucherCms, Kind::kCertificate},
                               fixture.Item(fixture.form, fixture.form))
                         .status()),
            Reason::kMisconfigured);
}

}  // namespace
}  // namespace masa::signing
