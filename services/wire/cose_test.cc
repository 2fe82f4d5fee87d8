#include "services/wire/cose.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/sign_request.h"
#include "services/wire/test_signature.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_request.h"
#include "services/wire/voucher_template.h"

namespace masa::wire {
namespace {

using masa::v1::FORMAT_COSE_CBOR;
using testing::CoseOptions;

std::string File(const std::string& name) {
  std::ifstream file("services/wire/testdata/cose/" + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Certificate CertificateIn(const std::string& name) {
  return *Certificate::Parse(File(name));
}

testing::Identity Registrar(testing::KeyKind key = testing::KeyKind::kP256) {
  testing::CertificateSpec spec;
  spec.common_name = "registrar";
  spec.not_before = absl::FromUnixSeconds(1'700'000'000);
  spec.not_after = absl::FromUnixSeconds(1'900'000'000);
  spec.extended_key_usages = {testing::kCmcRa};
  spec.key = key;
  return testing::MakeIdentity(spec);
}

// CO-01, CO-02, CO-03: the draft's three artifacts, each by its own key.
TEST(ParseCose, ReadsTheDraftsArtifactsWhoseSignaturesVerify) {
  const struct {
    const char* artifact;
    const char* by;
    size_t enclosed;
  } cases[] = {{"pvr.cose", "pledge.der", 0},
               {"rvr.cose", "registrar.der", 2},
               {"voucher.cose", "masa_ca.der", 0}};
  for (const auto& c : cases) {
    const auto artifact = ParseCose(File(c.artifact));
    ASSERT_TRUE(artifact.ok()) << c.artifact << artifact.status();
    EXPECT_EQ(artifact->format, FORMAT_COSE_CBOR);
    EXPECT_EQ(artifact->certificates.size(), c.enclosed) << c.artifact;
    SignerInfo signer = artifact->signers.front();
    EXPECT_TRUE(VerifiesWith(signer, CertificateIn(c.by))) << c.artifact;
    signer.signed_octets += "x";
    EXPECT_FALSE(VerifiesWith(signer, CertificateIn(c.by))) << c.artifact;
  }
}

// CO-05, CO-14, RV-15, AMB-20: what the draft's requests say.
TEST(ParseCose, ReadsTheDraftsRequests) {
  const auto request = ParseVoucherRequest(FORMAT_COSE_CBOR, File("rvr.cose"));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->leaves.serial_number, "JADA123456789");
  EXPECT_EQ(request->leaves.assertion, masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(request->leaves.idevid_issuer,
            CertificateIn("pledge.der")->authority_key_id);
  ASSERT_EQ(request->leaves.prior_signed_voucher_request, File("pvr.cose"));
  const auto pledge = ParseVoucherRequest(
      FORMAT_COSE_CBOR, *request->leaves.prior_signed_voucher_request);
  ASSERT_TRUE(pledge.ok()) << pledge.status();
  EXPECT_EQ(pledge->leaves.proximity_registrar_pubk_der,
            CertificateIn("registrar.der")->spki_der);
  EXPECT_EQ(pledge->leaves.nonce, request->leaves.nonce);
  EXPECT_EQ(pledge->artifact.signers.front().certificate, -1);
}

TEST(ParseCose, ReadsTheDraftsVoucher) {
  const auto artifact = ParseCose(File("voucher.cose"));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const auto voucher = ParseVoucherContent(FORMAT_COSE_CBOR, artifact->payload);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(voucher->serial_number, "JADA123456789");
  EXPECT_EQ(NonceOctets(*voucher->nonce),
            std::string("\x57\xEE\xD7\x86\xAD\x40\x49\x07"));
}

// CO-01, CO-04, CO-06: tag or none, bag or chain, in either header, one
// certificate bare or several in an array.
TEST(ParseCose, FindsCertificatesWhereverTheyMayStand) {
  const testing::Identity registrar = Registrar();
  const testing::Identity other = Registrar();
  for (const bool tagged : {true, false}) {
    for (const bool as_chain : {true, false}) {
      for (const bool in_protected : {true, false}) {
        for (const bool two : {true, false}) {
          CoseOptions options;
          options.tagged = tagged;
          options.as_chain = as_chain;
          options.in_protected = in_protected;
          options.certificates_der = {registrar.CertificateDer()};
          if (two) {
            options.certificates_der.push_back(other.CertificateDer());
          }
          const auto read =
              ParseCose(testing::SignCose("\xA0", registrar, options));
          ASSERT_TRUE(read.ok()) << read.status();
          EXPECT_EQ(read->certificates.size(), two ? 2u : 1u);
          EXPECT_TRUE(VerifiesWith(read->signers[0], read->certificates[0]));
        }
      }
    }
  }
}

// CO-02, RV-33: the algorithms of others' signatures.
TEST(ParseCose, ReadsEachAlgorithm) {
  const struct {
    testing::KeyKind key;
    const EVP_MD* digest;
  } cases[] = {{testing::KeyKind::kP256, EVP_sha256()},
               {testing::KeyKind::kP384, EVP_sha384()},
               {testing::KeyKind::kRsa2048, EVP_sha256()},
               {testing::KeyKind::kEd25519, nullptr}};
  for (const auto& c : cases) {
    const auto read = ParseCose(testing::SignCose("\xA0", Registrar(c.key)));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(
        VerifiesWith(read->signers[0], read->certificates[0], c.digest));
  }
}

TEST(ParseCose, RefusesWhatIsNotASignedVoucherArtifact) {
  const testing::Identity registrar = Registrar();
  CoseOptions unprotected;
  unprotected.alg_unprotected = true;
  const std::string cut = testing::SignCose("\xA0", registrar);
  std::string nested(20, '\x81');
  const struct {
    const char* what;
    std::string octets;
    Reason reason;
  } cases[] = {
      {"CO-11 alg unprotected",
       testing::SignCose("\xA0", registrar, unprotected), Reason::kNotSigned},
      {"truncated", cut.substr(0, cut.size() - 1), Reason::kMalformed},
      {"more after it", cut + "x", Reason::kMalformed},
      {"empty", "", Reason::kMalformed},
      {"garbage", "garbage", Reason::kMalformed},
      {"a bare map", "\xA0", Reason::kMalformed},
      {"no payload", std::string("\x84\x40\xA0\xF6\x40", 5),
       Reason::kMalformed},
      {"no algorithm", std::string("\x84\x40\xA0\x41\xA0\x40", 6),
       Reason::kNotSigned},
      {"tag of COSE_Mac0", "\xD1" + cut.substr(1), Reason::kMalformed},
      {"a short signature",
       std::string("\x84\x43\xA1\x01\x26\xA0\x41\xA0\x41\x00", 10),
       Reason::kSignatureInvalid},
      {"critical header",
       absl::StrCat(
           std::string("\x84\x46\xA2\x01\x26\x02\x81\x0A\xA0\x41\xA0\x58\x40",
                       13),
           std::string(64, 'x')),
       Reason::kSignatureInvalid},
      {"SE-04 depth", nested, Reason::kMalformed},
      {"SE-04 size", std::string(70'000, 'x'), Reason::kMalformed},
      {"a million entries", std::string("\x9A\x00\x10\x00\x00", 5),
       Reason::kMalformed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InfoOf(ReasonOf(ParseCose(c.octets).status())).name,
              InfoOf(c.reason).name)
        << c.what;
  }
}

TEST(ParseCose, NeverCrashesOnATruncatedArtifact) {
  const std::string whole = File("rvr.cose");
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(ParseCose(whole.substr(0, length)).ok()) << length;
  }
}

}  // namespace
}  // namespace masa::wire
