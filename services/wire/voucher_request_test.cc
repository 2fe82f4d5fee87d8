#include "services/wire/voucher_request.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "openssl/bn.h"
#include "openssl/ec.h"
#include "openssl/ecdsa.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "services/status/reason.h"
#include "services/testing/sign_request.h"
#include "services/wire/test_files.h"

namespace masa::wire {
namespace {

constexpr auto kCms = masa::v1::FORMAT_CMS_JSON;

// A request with `leaves` beside its serial number.
absl::StatusOr<VoucherRequestLeaves> Read(const std::string& leaves) {
  return ParseVoucherRequestContent(
      masa::v1::FORMAT_CMS_JSON,
      R"({"ietf-voucher-request:voucher":{"serial-number":"s")" +
          (leaves.empty() ? "" : "," + leaves) + "}}");
}

void ExpectMalformed(const absl::Status& status, const std::string& what) {
  ASSERT_FALSE(status.ok()) << what;
  EXPECT_EQ(ReasonOf(status), Reason::kMalformed) << what;
}

TEST(VoucherRequest, ReadsTheRequestsOfRfc8995) {
  const std::string pvr_der = Rfc8995File("pvr.der");
  const auto rvr = ParseVoucherRequest(kCms, Rfc8995File("rvr.der"));
  ASSERT_TRUE(rvr.ok()) << rvr.status();
  EXPECT_EQ(rvr->leaves.top_key, TopKey::kVoucherRequest);
  EXPECT_EQ(rvr->leaves.assertion, masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(rvr->leaves.serial_number, "00-D0-E5-F2-00-02");
  EXPECT_EQ(rvr->leaves.nonce, "-_XE9zK9q8Ll1qylMtLKeg");  // PV-14
  EXPECT_FALSE(rvr->leaves.idevid_issuer.has_value());
  EXPECT_EQ(rvr->leaves.prior_signed_voucher_request, pvr_der);
  EXPECT_EQ(rvr->digest.size(), 32u);
  const auto pvr =
      ParseVoucherRequest(kCms, *rvr->leaves.prior_signed_voucher_request);
  ASSERT_TRUE(pvr.ok()) << pvr.status();
  EXPECT_EQ(pvr->leaves.proximity_registrar_cert_der,
            Rfc8995File("registrar_cert.der"));
  EXPECT_EQ(pvr->leaves.nonce, rvr->leaves.nonce);
  EXPECT_NE(pvr->digest, rvr->digest);
  const auto voucher = ParseVoucherRequest(kCms, Rfc8995File("voucher.der"));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->leaves.top_key, TopKey::kVoucher);
}

TEST(VoucherRequest, ReadsThreeFormatsOnly) {
  EXPECT_EQ(
      ReasonOf(ParseVoucherRequest(masa::v1::FORMAT_UNSPECIFIED, "").status()),
      Reason::kMediaTypeUnknown);
  for (const auto format :
       {kCms, masa::v1::FORMAT_JWS_JSON, masa::v1::FORMAT_COSE_CBOR}) {
    EXPECT_EQ(ReasonOf(ParseVoucherRequest(format, "").status()),
              Reason::kMalformed);
  }
  ExpectMalformed(ParseVoucherRequest(kCms, R"({"a":{}})").status(), "json");
}

TEST(VoucherRequest, IgnoresLeavesThatItDoesNotRead) {  // RV-20, RV-23, VL-12
  const auto read =
      Read(R"("extensions":["x"],"more":{"a":[1,2.5,null,{"b":true}]},)"
           R"("pinned-domain-cert":7,"last-renewal-date":"never",)"
           R"("domain-cert-revocation-checks":"true","assertion":"of-2031")");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->serial_number, "s");
  EXPECT_FALSE(read->assertion.has_value());
  EXPECT_FALSE(read->created_on.has_value());  // RV-19
  EXPECT_FALSE(read->nonce.has_value());
}

// AMB-19: by the module's name and SID, and by the text's other name; what a
// manufacturer put there is between it and its devices.
TEST(VoucherRequest, LeavesTheManufacturersOwnLeafAlone) {
  EXPECT_EQ(Read(R"("manufacturer-proprietary":"AA==")")->serial_number, "s");
  EXPECT_EQ(Read(R"("manufacturer-private":"AA==")")->serial_number, "s");
  const std::string cbor("\xa1\x19\x09\xc5\xa2\x0d\x61\x73\x16\x41\x00", 11);
  const auto read =
      ParseVoucherRequestContent(masa::v1::FORMAT_COSE_CBOR, cbor);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->serial_number, "s");
}

TEST(VoucherRequest, ReadsTheOlderTopKey) {  // VL-11
  const auto read = ParseVoucherRequestContent(
      masa::v1::FORMAT_CMS_JSON,
      R"({"ietf-voucher-request-prm:voucher":{"serial-number":"s"}})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->top_key, TopKey::kVoucherRequest);
}

TEST(VoucherRequest, ReadsEscapedSlashes) {  // VL-09
  const auto read = Read(R"("prior-signed-voucher-request":"\/\/\/\/")");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->prior_signed_voucher_request, "\xff\xff\xff");
}

TEST(VoucherRequest, RefusesWhatIsNotTheShape) {  // VL-09, VL-14
  const std::string top = R"({"ietf-voucher-request:voucher":)";
  const std::string kBad[] = {
      "",
      "garbage",
      "{}",
      "[]",
      "null",
      "7",
      R"({"ietf-voucher-request:voucher":null})",
      R"({"ietf-voucher-request:voucher":[{"serial-number":"s"}]})",
      R"({"other:voucher":{"serial-number":"s"}})",
      top + "{}}",
      top + R"({"serial-number":""}})",
      top + R"({"serial-number":["s"]}})",
      top + R"({"serial-number":7}})",
      top + R"({"serial-number":{"s":"s"}}})",
      top + R"({"serial-number":"a\u0000b"}})",
      top + R"({"serial-number":"s","serial-number":"s"}})",
      top + R"({"serial-number":"s","x":{"a":1,"a":2}}})",
      top + R"({"serial-number":"s"},"x":{}})",
      top + R"({"serial-number":"s"}} )" + std::string("\0trailing", 9),
      top + R"({"serial-number":"s"}}{})",
      top + R"({"serial-number":"s",}})",
      top + "{\"serial-number\":\"\xff\"}}",
      top + R"({"serial-number":"\ud800"}})",
      top + R"({"serial-number":"\udc00"}})",
      top + R"({"serial-number":"s","\udc00":"x"}})",
      top + R"({"serial-number":"s","x":1e999}})",
      top + R"({"serial-number":"s","x":[[[[[[[[[1]]]]]]]]]}})",
      std::string(60000, '['),
  };
  for (const std::string& json : kBad) {
    ExpectMalformed(
        ParseVoucherRequestContent(masa::v1::FORMAT_CMS_JSON, json).status(),
        json);
  }
  const std::string good =
      top + R"({"serial-number":"s","nonce":"12345678x"}})";
  ASSERT_TRUE(ParseVoucherRequestContent(masa::v1::FORMAT_CMS_JSON, good).ok());
  for (size_t length = 0; length < good.size(); ++length) {
    ExpectMalformed(ParseVoucherRequestContent(masa::v1::FORMAT_CMS_JSON,
                                               good.substr(0, length))
                        .status(),
                    good.substr(0, length));
  }
}

TEST(VoucherRequest, RefusesLeavesThatAreNotWhatTheySay) {
  for (const std::string leaves :
       {R"("assertion":1)", R"("created-on":1)", R"("nonce":12345678901)",
        R"("idevid-issuer":"!")", R"("prior-signed-voucher-request":"A")",
        R"("prior-signed-voucher-request":"")",
        R"("prior-signed-voucher-request":"AAA=\n")",
        R"("prior-signed-voucher-request":"-_-_")",
        R"("prior-signed-voucher-request":{"a":"b"})",
        R"("proximity-registrar-cert":"AAAAA")"}) {
    ExpectMalformed(Read(leaves).status(), leaves);
  }
}

TEST(VoucherRequest, BoundsTheNonce) {  // PV-13
  for (const size_t size : {7, 8, 32, 33}) {
    const std::string octets(size, '\xfe');
    std::string unpadded = absl::WebSafeBase64Escape(octets);
    for (const std::string& nonce : {absl::Base64Escape(octets), unpadded}) {
      const auto read = Read("\"nonce\":\"" + nonce + "\"");
      EXPECT_EQ(read.ok(), size == 8 || size == 32) << nonce;
      if (read.ok()) {
        EXPECT_EQ(read->nonce, nonce);
        EXPECT_EQ(NonceOctets(*read->nonce), octets);
      }
    }
  }
  EXPECT_TRUE(Read(R"("nonce":"not base64!")").ok());
  EXPECT_FALSE(Read(R"("nonce":"not b!!")").ok());
  EXPECT_FALSE(Read(R"("nonce":"")").ok());
}

TEST(NonceOctets, AreOfEachAlphabet) {  // PV-14
  const std::string octets = absl::HexStringToBytes("fbf5c4f732bdabc2");
  for (const char* nonce : {"+/XE9zK9q8I=", "-_XE9zK9q8I=", "-_XE9zK9q8I"}) {
    EXPECT_EQ(NonceOctets(nonce), octets) << nonce;
  }
  for (const char* text : {"a", "a nonce", "-_XE9zK9q8J", "AA=", "AAA==", "=",
                           "A===", "AAAA===="}) {
    EXPECT_EQ(NonceOctets(text), text);
  }
}

TEST(VoucherRequest, ReadsEachEncodingOfTheIssuer) {  // RV-15
  const std::string key_id(20, '\xab');
  const std::string sequence = "\x30\x16\x80\x14" + key_id;
  const std::string kGood[] = {"\x04\x18" + sequence, sequence,
                               "\x04\x14" + key_id, key_id};
  for (const std::string& octets : kGood) {
    const auto read =
        Read("\"idevid-issuer\":\"" + absl::Base64Escape(octets) + "\"");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->idevid_issuer, key_id);
  }
  for (const std::string& octets :
       {std::string("\x30\x00", 2), std::string("short"),
        std::string("\x04\x00", 2), std::string("\x30\x02\x80\x00", 4),
        sequence + "x", "\x04\x41" + std::string(65, 'k')}) {
    ExpectMalformed(
        Read("\"idevid-issuer\":\"" + absl::Base64Escape(octets) + "\"")
            .status(),
        absl::BytesToHexString(octets));
  }
}

TEST(VoucherRequest, ReadsDatesWithOffsetsAndFractions) {  // RV-19
  const absl::Time noon = absl::FromCivil(
      absl::CivilSecond(2024, 2, 29, 12, 0, 0), absl::UTCTimeZone());
  const struct {
    const char* text;
    absl::Duration after;
  } kGood[] = {
      {"2024-02-29T12:00:00Z", absl::ZeroDuration()},
      {"2024-02-29t12:00:00z", absl::ZeroDuration()},
      {"2024-02-29T08:00:00-04:00", absl::ZeroDuration()},
      {"2024-02-29T17:30:00+05:30", absl::ZeroDuration()},
      {"2024-02-29T12:00:00.747Z", absl::Milliseconds(747)},
      {"2024-02-29T12:00:00.000000001-00:00", absl::Nanoseconds(1)},
      {"2024-02-29T12:00:60Z", absl::Minutes(1)},
  };
  for (const auto& test : kGood) {
    const auto read = Read(std::string("\"created-on\":\"") + test.text + "\"");
    ASSERT_TRUE(read.ok()) << test.text;
    EXPECT_EQ(read->created_on, noon + test.after) << test.text;
  }
  for (const char* text :
       {"", "2024-02-29", "2024-02-29T12:00:00", "2023-02-29T12:00:00Z",
        "2024-13-01T12:00:00Z", "2024-00-01T12:00:00Z", "2024-02-29T24:00:00Z",
        "2024-02-29T12:60:00Z", "2024-02-29T12:00:61Z", "2024-02-29T12:00:00.Z",
        "2024-02-29 12:00:00Z", "2024-02-29T12:00:00+0400",
        "2024-02-29T12:00:00+24:00", "2024-02-29T12:00:00Zx",
        " 2024-02-29T12:00:00Z", "infinite-future", "24-02-29T12:00:00Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    ExpectMalformed(
        Read(std::string("\"created-on\":\"") + text + "\"").status(), text);
  }
}

// A pledge's request in that container, signed by the same key each time.
std::string AskedIn(testing::Container container,
                    const std::optional<std::string>& nonce) {
  static const testing::Identity pledge = [] {
    testing::CertificateSpec spec;
    spec.common_name = "pledge";
    spec.not_before = absl::FromUnixSeconds(1'700'000'000);
    spec.not_after = absl::FromUnixSeconds(1'900'000'000);
    return testing::MakeIdentity(spec);
  }();
  testing::RequestLeaves leaves;
  leaves.serial_number = "s";
  leaves.nonce = nonce;
  return testing::SignRequest(container, leaves, pledge,
                              container == testing::Container::kCose
                                  ? std::vector<std::string>()
                                  : std::vector{pledge.CertificateDer()});
}

// The same with nothing signed anew: BER instead of DER, white space, an
// unprotected header.
std::string WrittenAnew(testing::Container container, std::string artifact) {
  switch (container) {
    case testing::Container::kCms:
      return "\x30\x80" + artifact.substr(4) + std::string(2, '\0');
    case testing::Container::kJws:
      return artifact.insert(1, " ");
    default:  // tag, array of four, protected header of three octets
      return artifact.replace(6, 1, "\xa1\x04\x41k");
  }
}

std::string ContentDigest(testing::Container container,
                          const std::string& artifact) {
  const auto read = ParseInnerRequest(
      static_cast<masa::v1::Format>(static_cast<int>(container)), artifact);
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? DigestOfContent(*read) : "";
}

TEST(VoucherRequest, IsKnownAgainInAnotherContainer) {  // RV-25, SE-13
  using testing::Container;
  for (const auto container :
       {Container::kCms, Container::kJws, Container::kCose}) {
    SCOPED_TRACE(static_cast<int>(container));
    const std::string nonce = "57EED786AD404907";
    const std::string nonced = AskedIn(container, nonce);
    const std::string digest = ContentDigest(container, nonced);
    EXPECT_EQ(digest.size(), 32u);
    EXPECT_NE(WrittenAnew(container, nonced), nonced);
    EXPECT_EQ(ContentDigest(container, WrittenAnew(container, nonced)), digest);
    EXPECT_EQ(ContentDigest(container, AskedIn(container, nonce)), digest);
    EXPECT_NE(ContentDigest(container, AskedIn(container, nonce + "0")),
              digest);
    const std::string plain = AskedIn(container, std::nullopt);
    EXPECT_EQ(ContentDigest(container, WrittenAnew(container, plain)),
              ContentDigest(container, plain));
    EXPECT_NE(ContentDigest(container, AskedIn(container, std::nullopt)),
              ContentDigest(container, plain));
  }
}

// The same signature with its s turned around, which verifies as well.
std::string Turned(const std::string& der) {
  const bssl::UniquePtr<ECDSA_SIG> numbers(ECDSA_SIG_from_bytes(
      reinterpret_cast<const uint8_t*>(der.data()), der.size()));
  const bssl::UniquePtr<EC_GROUP> group(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const bssl::UniquePtr<BIGNUM> r(BN_dup(ECDSA_SIG_get0_r(numbers.get())));
  bssl::UniquePtr<BIGNUM> s(BN_new());
  EXPECT_EQ(BN_sub(s.get(), EC_GROUP_get0_order(group.get()),
                   ECDSA_SIG_get0_s(numbers.get())),
            1);
  const bssl::UniquePtr<ECDSA_SIG> turned(ECDSA_SIG_new());
  EXPECT_EQ(ECDSA_SIG_set0(turned.get(), BN_dup(r.get()), s.release()), 1);
  uint8_t* out = nullptr;
  size_t length = 0;
  EXPECT_EQ(ECDSA_SIG_to_bytes(&out, &length, turned.get()), 1);
  const std::string octets(reinterpret_cast<char*>(out), length);
  OPENSSL_free(out);
  return octets;
}

TEST(VoucherRequest, IsKnownAgainWithItsSignatureTurned) {  // RV-25, SE-13
  auto read =
      ParseInnerRequest(kCms, AskedIn(testing::Container::kCms, std::nullopt));
  ASSERT_TRUE(read.ok()) << read.status();
  const std::string digest = DigestOfContent(*read);
  std::string& signature = read->artifact.signers.front().signature;
  const std::string before = signature;
  signature = Turned(before);
  EXPECT_NE(signature, before);
  EXPECT_EQ(DigestOfContent(*read), digest);
}

}  // namespace
}  // namespace masa::wire
