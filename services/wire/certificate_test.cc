#include "services/wire/certificate.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/wire/test_files.h"

namespace masa::wire {
namespace {

Certificate File(const std::string& name) {
  return *Certificate::Parse(Rfc8995File(name));
}

TEST(Certificate, ReadsTheIdevidOfRfc8995) {
  const Certificate idevid = File("idevid_cert.der");
  EXPECT_EQ(idevid->subject_serial_number, "00-D0-E5-F2-00-02");  // PV-09
  EXPECT_EQ(idevid->masa_url, "highway-test.example.com:9443");
  EXPECT_EQ(absl::BytesToHexString(*idevid->subject_key_id),
            "4588cc9696006437b0ba236564645408066c56ad");
  EXPECT_FALSE(idevid->authority_key_id.has_value());  // RV-16
  EXPECT_FALSE(idevid->is_ca);
  EXPECT_FALSE(idevid->has_cmc_ra);
  EXPECT_EQ(absl::BytesToHexString(idevid->serial_der), "0d83afd9");
  EXPECT_EQ(idevid->issuer_der, File("vendor_cert.der")->subject_der);
  EXPECT_EQ(absl::FormatTime(idevid->not_before, absl::UTCTimeZone()),
            "2021-04-13T20:37:39+00:00");
  EXPECT_EQ(absl::FormatTime(idevid->not_after, absl::UTCTimeZone()),
            "2999-12-31T00:00:00+00:00");
}

TEST(Certificate, ReadsTheRegistrarOfRfc8995) {
  const Certificate registrar = File("registrar_cert.der");
  EXPECT_TRUE(registrar->has_cmc_ra);  // RV-08
  EXPECT_FALSE(registrar->is_ca);
  EXPECT_FALSE(registrar->subject_serial_number.has_value());
  // PN-11, PN-16: no key identifier, so the hash of the key.
  EXPECT_EQ(absl::Base64Escape(registrar.DomainId()),
            "Oy6w2vS8ar8m/FtEHuzs7sl7LSD3pW9yTCgCecoIL3M=");
}

TEST(Certificate, TakesTheKeyIdentifierForTheDomain) {  // PN-11
  const Certificate owner = File("owner_ca_cert.der");
  EXPECT_TRUE(owner->is_ca);
  EXPECT_EQ(absl::BytesToHexString(owner.DomainId()),
            "b9a5f6cb11e107a4492ca708c67c10bc87b37426");
}

TEST(Certificate, KnowsNoEndWithoutOne) {
  std::string der = Rfc8995File("idevid_cert.der");
  der.replace(der.find("29991231000000Z"), 15, "99991231235959Z");
  const auto certificate = Certificate::Parse(der);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ((*certificate)->not_after, absl::InfiniteFuture());
}

TEST(Certificate, ReadsASerialNumberInEitherStringType) {  // PV-09
  std::string der = Rfc8995File("idevid_cert.der");
  const size_t text = der.find("00-D0-E5-F2-00-02");
  const struct {
    char tag;
    bool read;
  } kCases[] = {{'\x0c', true}, {'\x13', true}, {'\x16', false}};
  for (const auto& test : kCases) {
    der[text - 2] = test.tag;
    const auto certificate = Certificate::Parse(der);
    ASSERT_TRUE(certificate.ok()) << certificate.status();
    EXPECT_EQ((*certificate)->subject_serial_number.has_value(), test.read);
  }
}

TEST(Certificate, RefusesWhatIsNotOneCertificate) {
  const std::string der = Rfc8995File("idevid_cert.der");
  for (size_t length = 0; length < der.size(); ++length) {
    EXPECT_FALSE(Certificate::Parse(der.substr(0, length)).ok()) << length;
  }
  std::string bad_time = der;
  bad_time.replace(bad_time.find("210413203739Z"), 13, "211313203739Z");
  for (const std::string& octets :
       {der + '\0', der + der, std::string("garbage"), bad_time,
        std::string(16 * 1024 + 1, '\x30')}) {
    const auto certificate = Certificate::Parse(octets);
    ASSERT_FALSE(certificate.ok());
    EXPECT_EQ(ReasonOf(certificate.status()), Reason::kCertMalformed);
  }
}

// PV-09: of two names of one type, which one is the device's?
TEST(Certificate, TakesNoNameThatStandsTwice) {
  testing::CertificateSpec spec;
  spec.common_name = "a name";
  spec.subject_serial_number = "SN-1";
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(1);
  std::string der = testing::MakeIdentity(spec).CertificateDer();
  const auto once = Certificate::Parse(der);
  ASSERT_TRUE(once.ok()) << once.status();
  EXPECT_EQ((*once)->subject_serial_number, "SN-1");
  EXPECT_EQ((*once)->subject_common_name, "a name");
  const std::string common_name = "\x06\x03\x55\x04\x03";
  const size_t of_subject = der.rfind(common_name);
  ASSERT_NE(of_subject, std::string::npos);
  der[of_subject + common_name.size() - 1] = '\x05';
  const auto twice = Certificate::Parse(der);
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ((*twice)->subject_serial_number, std::nullopt);
  EXPECT_EQ((*twice)->subject_common_name, std::nullopt);
}

}  // namespace
}  // namespace masa::wire
