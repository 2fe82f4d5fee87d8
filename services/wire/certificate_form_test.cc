#include "services/wire/certificate_form.h"

#include "gtest/gtest.h"
#include "openssl/x509.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/wire/certificate.h"
#include "services/wire/x509_write.h"

namespace masa::wire {
namespace {

testing::Identity Identity(bool is_ca) {
  testing::CertificateSpec spec;
  spec.common_name = is_ca ? "CA" : "device";
  spec.is_ca = is_ca;
  spec.not_before = absl::FromUnixSeconds(1700000000);
  spec.not_after = absl::FromUnixSeconds(1800000000);
  return testing::MakeIdentity(spec);
}

CertificateForm Form() {
  const auto ca = Certificate::Parse(Identity(true).CertificateDer());
  const auto device = Certificate::Parse(Identity(false).CertificateDer());
  CertificateForm form;
  form.serial = "\x41" + std::string(17, 'r');
  form.issuer_der = (*ca)->subject_der;
  form.authority_key_id = *(*ca)->subject_key_id;
  form.subject_der = (*device)->subject_der;
  form.spki_der = (*device)->spki_der;
  form.not_before = absl::FromUnixSeconds(1700000000);
  form.not_after = absl::InfiniteFuture();
  form.masa_url = "masa.example";
  form.crl_url = "http://masa.example/crl/factory.crl";
  form.ocsp_url = "http://masa.example/ocsp";
  form.extended_key_usages = {testing::kClientAuth};
  return form;
}

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST(CertificateForm, IsWhatTwoReadersReadBack) {
  const CertificateForm form = Form();
  const auto tbs = EncodeTbsCertificate(form);
  ASSERT_TRUE(tbs.ok()) << tbs.status();
  EXPECT_TRUE(CheckTbsCertificate(*tbs, form).ok())
      << CheckTbsCertificate(*tbs, form);
  const std::string der = SignedDer(*tbs, form.algorithm, "signature");
  const auto* octets = reinterpret_cast<const uint8_t*>(der.data());
  const bssl::UniquePtr<X509> other(
      d2i_X509(nullptr, &octets, static_cast<long>(der.size())));
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(X509_get_version(other.get()), 2);
  const auto read = Certificate::Parse(der);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ((*read)->not_after, absl::InfiniteFuture());
  EXPECT_EQ((*read)->masa_url, "masa.example");
  EXPECT_EQ((*read)->subject_key_id, KeyIdOfSpki(form.spki_der));
}

// RFC 5280 section 4.2.1.6.
TEST(CertificateForm, NamesAreCriticalWhereNoSubjectIs) {
  const std::string name("\x06\x03\x55\x1d\x11", 5);
  const std::string critical("\x01\x01\xff", 3);
  CertificateForm form = Form();
  form.dns_names = {"a.example"};
  const auto beside = EncodeTbsCertificate(form);
  ASSERT_TRUE(beside.ok()) << beside.status();
  EXPECT_NE(beside->find(name), std::string::npos);
  EXPECT_EQ(beside->find(name + critical), std::string::npos);
  EXPECT_TRUE(CheckTbsCertificate(*beside, form).ok());
  form.subject_der = std::string("\x30\x00", 2);
  const auto alone = EncodeTbsCertificate(form);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_NE(alone->find(name + critical), std::string::npos);
  EXPECT_TRUE(CheckTbsCertificate(*alone, form).ok())
      << CheckTbsCertificate(*alone, form);
}

TEST(CertificateForm, CannotSayWhatNoCertificateMay) {
  struct Case {
    const char* name;
    void (*spoil)(CertificateForm& form);
  };
  const Case cases[] = {
      {"a short serial number",
       [](auto& f) {
         f.serial =
             "\x41"
             "bcd";
       }},
      {"a long serial number",
       [](auto& f) { f.serial = std::string(21, 'a'); }},
      {"a negative serial number", [](auto& f) { f.serial[0] = '\xc1'; }},
      {"an end before the beginning",
       [](auto& f) { f.not_after = f.not_before; }},
      {"no subject", [](auto& f) { f.subject_der.clear(); }},
      {"nobody", [](auto& f) { f.subject_der = std::string("\x30\x00", 2); }},
      {"no key", [](auto& f) { f.spki_der = "key"; }},
      {"no algorithm",
       [](auto& f) { f.algorithm = SignatureAlgorithm::kEcdsaSha512; }},
      {"a purpose that is none",
       [](auto& f) { f.extended_key_usages = {"x"}; }},
      {"a URL with a space", [](auto& f) { f.masa_url = "a b"; }},
  };
  for (const Case& one : cases) {
    CertificateForm form = Form();
    one.spoil(form);
    EXPECT_FALSE(EncodeTbsCertificate(form).ok()) << one.name;
  }
}

TEST(CertificateForm, ChecksEveryFieldThatIsMeant) {
  struct Case {
    const char* name;
    void (*change)(CertificateForm& form);
  };
  const Case cases[] = {
      {"serial", [](auto& f) { f.serial.back() = 's'; }},
      {"end", [](auto& f) { f.not_after = f.not_before + absl::Hours(1); }},
      {"MASA URL", [](auto& f) { f.masa_url = "other.example"; }},
      {"CRL URL", [](auto& f) { f.crl_url.clear(); }},
      {"OCSP URL", [](auto& f) { f.ocsp_url += "2"; }},
      {"names", [](auto& f) { f.dns_names = {"a.example"}; }},
      {"purposes", [](auto& f) { f.extended_key_usages.clear(); }},
      {"issuer", [](auto& f) { f.issuer_der = f.subject_der; }},
      {"issuer's key", [](auto& f) { f.authority_key_id += "x"; }},
  };
  const auto tbs = EncodeTbsCertificate(Form());
  for (const Case& one : cases) {
    CertificateForm other = Form();
    one.change(other);
    EXPECT_FALSE(CheckTbsCertificate(*tbs, other).ok()) << one.name;
  }
  EXPECT_NE(MessageOf(CheckTbsCertificate(*tbs + "x", Form())), "");
}

// RFC 5280 section 4.1.2.5.
TEST(X509Write, TimesAreOfTwoDigitsUntil2049) {
  struct Case {
    absl::CivilSecond second;
    const char* text;
    const char* long_text;
  };
  const Case cases[] = {
      {absl::CivilSecond(2007, 1, 2, 3, 4, 5),
       "\x17\x0d"
       "070102030405Z",
       "\x18\x0f"
       "20070102030405Z"},
      {absl::CivilSecond(2049, 12, 31, 23, 59, 59),
       "\x17\x0d"
       "491231235959Z",
       "\x18\x0f"
       "20491231235959Z"},
      {absl::CivilSecond(2050, 1, 1),
       "\x18\x0f"
       "20500101000000Z",
       "\x18\x0f"
       "20500101000000Z"},
  };
  for (const Case& one : cases) {
    const absl::Time time = absl::FromCivil(one.second, absl::UTCTimeZone());
    EXPECT_EQ(X509TimeDer(time), one.text);
    EXPECT_EQ(GeneralizedTimeDer(time), one.long_text);
    // A part of a second is left out.
    EXPECT_EQ(X509TimeDer(time + absl::Milliseconds(999)), one.text);
  }
  EXPECT_EQ(X509TimeDer(absl::InfiniteFuture()),
            "\x18\x0f"
            "99991231235959Z");
}

TEST(X509Write, SplitsWhatItPutTogether) {
  const std::string der =
      SignedDer("\x30\x01x", SignatureAlgorithm::kEd25519, "sig");
  const auto parts = PartsOfSigned(der);
  ASSERT_TRUE(parts.ok()) << parts.status();
  EXPECT_EQ(parts->tbs_der, "\x30\x01x");
  EXPECT_EQ(parts->signature, "sig");
  EXPECT_FALSE(PartsOfSigned(der + "x").ok());
  EXPECT_FALSE(PartsOfSigned(der.substr(1)).ok());
  EXPECT_EQ(SignedDer("\x30\x01x", SignatureAlgorithm::kEcdsaSha512, "s"), "");
}

}  // namespace
}  // namespace masa::wire
