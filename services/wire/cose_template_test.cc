// Vouchers in COSE and CBOR, and what JWS leaves room for: encoded by the
// templates, read by the parsers, checked octet for octet where a draft says
// so.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/wire/cose.h"
#include "services/wire/test_signature.h"
#include "services/wire/voucher_request.h"
#include "services/wire/voucher_template.h"

namespace masa::wire {
namespace {

using masa::v1::FORMAT_COSE_CBOR;
using masa::v1::FORMAT_JWS_JSON;

const absl::Time kCreated = absl::FromCivil(
    absl::CivilSecond(2026, 11, 4, 5, 6, 7), absl::UTCTimeZone());

Voucher Example() {
  Voucher voucher;
  voucher.assertion = masa::v1::ASSERTION_PROXIMITY;
  voucher.created_on = kCreated;
  voucher.serial_number = "S-1";
  voucher.nonce = absl::Base64Escape("01234567");
  voucher.pinned_domain_cert_der = "DER";
  return voucher;
}

testing::Identity Signer(testing::KeyKind key = testing::KeyKind::kP256) {
  testing::CertificateSpec spec;
  spec.common_name = "masa";
  spec.not_before = kCreated - absl::Hours(1);
  spec.not_after = kCreated + absl::Hours(1);
  spec.key = key;
  return testing::MakeIdentity(spec);
}

std::string SignDer(const std::string& message, const testing::Identity& by,
                    const EVP_MD* digest) {
  bssl::ScopedEVP_MD_CTX context;
  std::string signature(256, '\0');
  size_t size = signature.size();
  EXPECT_TRUE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr,
                                 by.key.get()) &&
              EVP_DigestSign(
                  context.get(), reinterpret_cast<uint8_t*>(signature.data()),
                  &size, reinterpret_cast<const uint8_t*>(message.data()),
                  message.size()));
  signature.resize(size);
  return signature;
}

// The artifact of `voucher` in `format`, signed by `by`.
std::string Made(masa::v1::Format format, const Voucher& voucher,
                 const testing::Identity& by, const VoucherStyle& style = {},
                 const std::vector<std::string>& more = {}) {
  std::vector<std::string> chain = {by.CertificateDer()};
  chain.insert(chain.end(), more.begin(), more.end());
  const auto form = VoucherTemplate::Create(
      format, chain, SignatureAlgorithm::kEcdsaP256Sha256, style);
  EXPECT_TRUE(form.ok()) << form.status();
  const std::string content = form->EncodeContent(
      voucher, absl::Base64Escape(voucher.pinned_domain_cert_der));
  const std::string octets = form->EncodeToBeSigned(content, kCreated);
  const auto made =
      form->Finish(content, octets, SignDer(octets, by, EVP_sha256()));
  EXPECT_TRUE(made.ok()) << made.status();
  return *made;
}

// VL-01, VL-13, CO-13, CO-14, PN-08: SIDs less 2451, keys in order, numbers in
// their shortest form.
TEST(VoucherCbor, IsWrittenInOneForm) {
  EXPECT_EQ(
      absl::BytesToHexString(EncodeVoucherCbor(Example(), false)),
      absl::StrCat("a1190993", "a5",  // {2451: {
                   "0102",            // assertion: 2
                   "0274",            // created-on
                   absl::BytesToHexString("2026-11-04T05:06:07Z"), "0748",
                   absl::BytesToHexString("01234567"),       // nonce
                   "0843", absl::BytesToHexString("DER"),    // pin
                   "0b63", absl::BytesToHexString("S-1")));  // serial-number
}

// CR-14, CR-15: SIDs 2463 and 2464.
TEST(VoucherCbor, SaysWhereTheEstServerIs) {
  Voucher voucher = Example();
  voucher.est_domain = "https://a";
  voucher.additional_configuration_url = "https://b";
  const std::string octets = EncodeVoucherCbor(voucher, false);
  EXPECT_EQ(absl::BytesToHexString(octets.substr(octets.size() - 22)),
            absl::StrCat("0c69", absl::BytesToHexString("https://b"), "0d69",
                         absl::BytesToHexString("https://a")));
  for (const bool names : {false, true}) {
    for (const auto& read :
         {ParseVoucherCbor(EncodeVoucherCbor(voucher, names)),
          ReadBackVoucherCbor(EncodeVoucherCbor(voucher, names))}) {
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->est_domain, "https://a");
      EXPECT_EQ(read->additional_configuration_url, "https://b");
    }
  }
  for (const auto field :
       {&Voucher::est_domain, &Voucher::additional_configuration_url}) {
    Voucher bad = voucher;
    bad.*field = "est.example.com";
    EXPECT_FALSE(ParseVoucherCbor(EncodeVoucherCbor(bad, false)).ok());
    EXPECT_FALSE(ReadBackVoucherCbor(EncodeVoucherCbor(bad, false)).ok());
  }
}

// VL-10: names for pledges that understand no SIDs; both read the same.
TEST(VoucherCbor, ReadsBackWhatWasWritten) {
  Voucher pubk = Example();
  pubk.nonce.reset();
  pubk.expires_on = kCreated + absl::Minutes(20);
  pubk.pinned_domain_cert_der.clear();
  pubk.pinned_domain_pubk_der = "SPKI";
  pubk.idevid_issuer = AuthorityKeyIdExtension(std::string(20, 'k'));
  pubk.domain_cert_revocation_checks = true;
  Voucher hash = Example();
  hash.pinned_domain_cert_der.clear();
  hash.pinned_domain_pubk_sha256 = std::string(32, 'h');
  for (const Voucher& voucher : {Example(), pubk, hash}) {
    for (const bool names : {false, true}) {
      const std::string octets = EncodeVoucherCbor(voucher, names);
      EXPECT_EQ(octets.find("serial-number") != std::string::npos, names);
      const auto read = ParseVoucherCbor(octets);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->assertion, voucher.assertion);
      EXPECT_EQ(read->created_on, voucher.created_on);
      EXPECT_EQ(read->expires_on, voucher.expires_on);
      EXPECT_EQ(read->serial_number, voucher.serial_number);
      EXPECT_EQ(read->nonce, voucher.nonce);
      EXPECT_EQ(read->idevid_issuer, voucher.idevid_issuer);
      EXPECT_EQ(read->pinned_domain_cert_der, voucher.pinned_domain_cert_der);
      EXPECT_EQ(read->pinned_domain_pubk_der, voucher.pinned_domain_pubk_der);
      EXPECT_EQ(read->pinned_domain_pubk_sha256,
                voucher.pinned_domain_pubk_sha256);
      EXPECT_EQ(read->domain_cert_revocation_checks,
                voucher.domain_cert_revocation_checks);
      EXPECT_EQ(EncodeVoucherCbor(*read, names), octets);
    }
  }
}

// VI-16, PN-08: a voucher pins one thing.
TEST(VoucherCbor, RefusesNoPinAndTwoPins) {
  Voucher none = Example();
  none.pinned_domain_cert_der.clear();
  Voucher two = Example();
  two.pinned_domain_pubk_der = "SPKI";
  Voucher short_hash = none;
  short_hash.pinned_domain_pubk_sha256 = "short";
  for (const Voucher& voucher : {none, two, short_hash}) {
    EXPECT_EQ(
        ReasonOf(ParseVoucherCbor(EncodeVoucherCbor(voucher, false)).status()),
        Reason::kMalformed);
  }
}

// CO-02, CO-03, CO-06, CO-07, CO-08, CO-09, CO-10: tag 18, alg alone is
// protected, the chain is an unprotected bag: bare for one certificate.
TEST(CoseVoucher, HasTheHeadersOfTheDraft) {
  const testing::Identity by = Signer();
  const std::string one = Made(FORMAT_COSE_CBOR, Example(), by);
  EXPECT_EQ(absl::BytesToHexString(one.substr(0, 9)),
            "d28443a10126a11820");  // 18([h'a10126', {32: ...
  EXPECT_EQ(one[9], '\x59');        // bstr, not an array
  const std::string two =
      Made(FORMAT_COSE_CBOR, Example(), by, {}, {by.CertificateDer()});
  EXPECT_EQ(two[9], '\x82');
  const auto read = ParseCose(one);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(VerifiesWith(read->signers[0], read->certificates[0]));
}

// CO-08, CO-09, CO-12, VL-10: what a product may ask for besides.
TEST(CoseVoucher, HasWhatItsProductAsksFor) {
  const testing::Identity by = Signer();
  VoucherStyle style;
  style.cose.set_kid(true);
  style.cose.set_issued_at(true);
  style.cose.set_protected_chain(true);
  style.cose.set_names(true);
  const std::string made = Made(FORMAT_COSE_CBOR, Example(), by, style);
  const auto key_id = Certificate::Parse(by.CertificateDer())->DomainId();
  EXPECT_NE(made.find("\x04\x54" + key_id), std::string::npos);
  // 15: {6: 1793768767}
  EXPECT_NE(made.find(absl::HexStringToBytes("0fa1061a6aeabd3f")),
            std::string::npos);
  const size_t first = made.find(by.CertificateDer());
  EXPECT_NE(made.find(by.CertificateDer(), first + 1), std::string::npos);
  EXPECT_NE(made.find("ietf-voucher:voucher"), std::string::npos);
  const auto read = ParseCose(made);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(VerifiesWith(read->signers[0], read->certificates[0]));
}

// CO-16: a registrar strips the bag; the signature holds still.
TEST(CoseVoucher, VerifiesWithoutItsUnprotectedHeader) {
  const testing::Identity by = Signer();
  const std::string whole = Made(FORMAT_COSE_CBOR, Example(), by);
  const size_t bag = by.CertificateDer().size() + 3 + 2;  // heads of both
  const std::string bare =
      whole.substr(0, 6) + "\xA0" + whole.substr(6 + 1 + bag);
  const auto read = ParseCose(bare);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->certificates.empty());
  EXPECT_TRUE(
      VerifiesWith(read->signers[0], *Certificate::Parse(by.CertificateDer())));
}

// JW-05, JW-09: the registrar appends its signature to the array, and both
// verify over one payload.
TEST(JwsVoucher, LeavesRoomForTheRegistrarsSignature) {
  const testing::Identity masa = Signer(), registrar = Signer();
  const std::string first = Made(FORMAT_JWS_JSON, Example(), masa);
  const std::string second = Made(FORMAT_JWS_JSON, Example(), registrar);
  const std::string open = "\"signatures\":[";
  const size_t from = second.find(open) + open.size();
  const std::string signature = second.substr(from, second.size() - from - 2);
  ASSERT_EQ(first.substr(first.size() - 2), "]}");
  const auto read = ParseJws(
      absl::StrCat(first.substr(0, first.size() - 2), ",", signature, "]}"));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->signers.size(), 2u);
  for (const SignerInfo& signer : read->signers) {
    EXPECT_TRUE(VerifiesWith(signer, read->certificates[signer.certificate]));
  }
}

// CO-13, VL-10: a request with names as keys, an enum as integer, mixed with
// SIDs; VL-12, RV-23: what is not known says nothing.
TEST(VoucherRequestCbor, MixesNamesAndSids) {
  const std::string octets =
      absl::StrCat("\xA1\x19\x09\xC5\xA5",       // {2501: {
                   "\x69", "assertion", "\x02",  // name: 2
                   "\x0D\x63", "S-1",            // 13: serial-number
                   "\x65", "nonce", "\x48", "01234567",
                   "\x18\x64\x81\x01",       // an unknown SID
                   "\x64", "more", "\xF5");  // an unknown name
  const auto read = ParseVoucherRequestContent(FORMAT_COSE_CBOR, octets);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->assertion, masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(read->serial_number, "S-1");
  EXPECT_EQ(NonceOctets(*read->nonce), "01234567");
}

TEST(VoucherRequestCbor, RefusesWhatIsNotARequest) {
  const struct {
    const char* what;
    std::string octets;
  } cases[] = {
      {"VL-09 twice",
       std::string("\xA1\x19\x09\xC5\xA2\x0D\x61s\x0D\x61s", 11)},
      {"VL-09 by SID and by name",
       absl::StrCat("\xA1\x19\x09\xC5\xA2\x0D\x61s\x6D", "serial-number",
                    "\x61s")},
      {"VL-14 serial-number is an array",
       std::string("\xA1\x19\x09\xC5\xA1\x0D\x81\x61s", 9)},
      {"no serial-number", std::string("\xA1\x19\x09\xC5\xA0", 5)},
      {"PV-13 a nonce of 7 octets",
       std::string("\xA1\x19\x09\xC5\xA2\x0D\x61s\x07\x47"
                   "1234567",
                   17)},
      {"another module", std::string("\xA1\x19\x09\xC6\xA1\x0D\x61s", 8)},
      {"CO-15 a raw point for an SPKI",
       absl::StrCat("\xA1\x19\x09\xC5\xA2\x0D\x61s\x0C\x58\x41\x04",
                    std::string(64, 'p'))},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        ReasonOf(
            ParseVoucherRequestContent(FORMAT_COSE_CBOR, c.octets).status()),
        Reason::kMalformed)
        << c.what;
  }
}

}  // namespace
}  // namespace masa::wire
