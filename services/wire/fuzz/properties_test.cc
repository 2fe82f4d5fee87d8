// Runs the fuzzers' properties on the corpus, whole, cut at every length, and
// with every octet changed.
#include "services/wire/fuzz/properties.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/testing/revocation.h"
#include "services/testing/sign_request.h"
#include "services/testing/tokens.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
#include "services/wire/fuzz/run_around.h"
#include "services/wire/jwt.h"
#include "services/wire/leaf_set.h"
#include "services/wire/test_files.h"
#include "services/wire/voucher.h"

namespace masa::wire {
namespace {

std::string File(const std::string& name) {
  std::ifstream file("services/wire/testdata/" + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool ReadsAsJson(const std::string& text) { return ReadJsonLeaves(text).ok(); }

TEST(Properties, HoldAroundEveryCmsArtifact) {
  for (const char* file : {"pvr.der", "rvr.der", "voucher.der"}) {
    SCOPED_TRACE(file);
    RunAround(CheckCms, Rfc8995File(file));
  }
}

TEST(Properties, HoldAroundEveryCertificate) {
  for (const char* file :
       {"idevid_cert.der", "masa_cert.der", "owner_ca_cert.der",
        "registrar_cert.der", "vendor_cert.der"}) {
    SCOPED_TRACE(file);
    RunAround(CheckCertificate, Rfc8995File(file));
  }
}

TEST(Properties, HoldAroundEveryPayload) {
  for (const char* file : {"pvr.der", "rvr.der", "voucher.der"}) {
    SCOPED_TRACE(file);
    const auto artifact = ParseCms(Rfc8995File(file));
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    RunAround(CheckVoucherJson, artifact->payload);
    RunAround(CheckVoucherRequestJson, artifact->payload);
    RunAround(CheckJson, artifact->payload);
  }
}

// What readers of JSON have been found to differ about, as the value of a leaf
// and as all there is.
TEST(Properties, HoldAroundJsonThatReadersDifferAbout) {
  const std::string nul(1, '\0');
  const std::string values[] = {
      "",
      " ",
      "null",
      "true",
      "false",
      "nul",
      "truefalse",
      "True",
      "NaN",
      "Infinity",
      "-Infinity",
      "0",
      "-0",
      "01",
      "-",
      "+1",
      ".5",
      "1.",
      "1.e1",
      "1e",
      "1e+",
      "1E-2",
      "1.5e+300",
      "1e308",
      "1.7976931348623157e308",
      "1.7976931348623159e308",
      "1.8e308",
      "-1e309",
      "1e-999",
      "0e999",
      "18446744073709551616",
      std::string(400, '9'),
      std::string(309, '1'),
      "0." + std::string(400, '0') + "1",
      "0x10",
      "1 2",
      "1,",
      "\"\"",
      "\"a\"",
      "'a'",
      "\"a",
      "\"\\\"",
      "\"\\u0000\"",
      "\"\\u00e9\"",
      "\"\\u00E9\"",
      "\"\\u00g0\"",
      "\"\\u12\"",
      "\"\\ud83d\\ude00\"",
      "\"\\ud83d\"",
      "\"\\udc00\"",
      "\"\\ude00\\ud83d\"",
      "\"\\ud83d\\u0041\"",
      "\"\\ud83dx\"",
      "\"\\/\\b\\f\\n\\r\\t\"",
      "\"\\x41\"",
      "\"\\U0041\"",
      "\"\t\"",
      "\"\n\"",
      "\"\x7f\"",
      "\"\x1f\"",
      "\"" + nul + "\"",
      nul,
      "1" + nul,
      "\"\xc3\xa9\"",
      "\"\xc3\"",
      "\"\xc3\\u0041\"",
      "\"\\u00e9\xa9\"",
      "\"\xc0\x80\"",
      "\"\xe0\x80\x80\"",
      "\"\xed\xa0\x80\"",
      "\"\xf4\x90\x80\x80\"",
      "\"\xf0\x9f\x98\x80\"",
      "\"\xff\"",
      "\"12345678\xe2\x82\xac 8\"",
      "[]",
      "[,]",
      "[\"a\",]",
      "[\"a\",\"b\"]",
      "[\"a\" \"b\"]",
      "[\"a\",1]",
      "[1,\"a\"]",
      "[[],\"a\"]",
      "[{},\"a\"]",
      "[{\"b\":\"c\"},\"a\"]",
      "[null]",
      "[",
      "]",
      "[}",
      "{}",
      "{,}",
      "{\"a\":1,}",
      "{\"a\"}",
      "{\"a\":}",
      "{a:1}",
      "{\"a\":1,\"a\":2}",
      "{\"a\":1,\"\\u0061\":2}",
      "{\"\\u0061\":1,\"a\":2}",
      "{\"\":1}",
      "{\"a\":{\"b\":1,\"b\":1}}",
      "[{\"b\":1,\"b\":1}]",
      "/**/1",
      "1//",
      "\xef\xbb\xbf"
      "1",
  };
  for (const std::string& value : values) {
    SCOPED_TRACE(value);
    for (const std::string& text :
         {value, "\xef\xbb\xbf" + value, "\xef\xbb" + value, value + "x",
          "{\"a\":" + value + "}", "{\"a\":{\"b\":" + value + "}}",
          "\xef\xbb\xbf{\"a\":{\"b\":" + value + ",\"c\":\"d\"}}\n",
          "{\"a\":{\"b\":" + value + "}} " + value,
          "{\"a\":{\"b\":[" + value + ",\"c\"]}}",
          "{\"payload\":" + value + ",\"signatures\":[{\"protected\":" + value +
              ",\"signature\":\"\"}]}",
          "{\"payload\":\"\",\"signatures\":" + value + "}",
          "{\"payload\":\"\",\"signatures\":[" + value + "]}",
          "{\"alg\":" + value + ",\"x5c\":[]}",
          "{\"alg\":\"ES256\",\"crit\":" + value + "}",
          "{\"x5c\":" + value + "}", "{\"x5c\":[" + value + "]}"}) {
      CheckJson(text);
    }
  }
}

// Depth and names at and beyond their bounds.
TEST(Properties, HoldAroundDeepAndWideJson) {
  for (size_t depth = 1; depth < 12; ++depth) {
    for (const std::string open : {"[", "{\"a\":"}) {
      std::string text = "{\"a\":{\"b\":";
      for (size_t i = 0; i < depth; ++i) {
        text += open;
      }
      text += "1";
      for (size_t i = 0; i < depth; ++i) {
        text += open == "[" ? "]" : "}";
      }
      CheckJson(text + "}}");
      EXPECT_EQ(ReadsAsJson(text + "}}"), depth <= 6) << text;
    }
  }
  for (const int names : {1, 15, 16, 17, 18, 100}) {
    std::string text = "{\"a\":{";
    for (int i = 0; i < names; ++i) {
      text += "\"" + std::to_string(i) + "\":1,";
      const std::string escaped = "\"\\u003" + std::to_string(i % 10);
      for (const std::string last :
           {"\"x\":1}}", "\"0\":1}}", "\"\\u0030\":1}}"}) {
        CheckJson(text + last);
        CheckJson("{\"a\":{" + escaped + "x\":1," + text.substr(6) + last);
      }
      CheckJson(text + "\"" + std::to_string(i) + "\":1}}");
    }
  }
}

TEST(Properties, HoldAroundEveryJwsAndCoseArtifact) {
  for (const char* file : {"pvr", "rvr", "voucher"}) {
    SCOPED_TRACE(file);
    const std::string jws = File(std::string("jws/") + file + ".jws.json");
    RunAround(CheckJws, jws);
    RunAround(CheckJson, jws);
    const std::string cose = File(std::string("cose/") + file + ".cose");
    RunAround(CheckCose, cose);
    RunAround(CheckReception, cose);
    const std::string payload = ParseCose(cose)->payload;
    RunAround(CheckVoucherCbor, payload);
    RunAround(CheckVoucherRequestCbor, payload);
  }
}

// Every leaf, in every combination that is written.
TEST(Properties, HoldAroundEveryVoucherThatIsWritten) {
  for (int shape = 0; shape < 48; ++shape) {
    Voucher voucher;
    voucher.assertion = static_cast<masa::v1::Assertion>(1 + shape % 4);
    voucher.created_on = absl::FromUnixSeconds(1795489200);
    voucher.serial_number = "DEMO \"\xc3\xa9\" 1";
    if (shape % 2 == 0) {
      voucher.nonce = "AAECAwQFBgcICQoLDA0ODw==";
    } else {
      voucher.expires_on = absl::FromUnixSeconds(1795499200);
    }
    if (shape % 3 == 0) {
      voucher.pinned_domain_cert_der = std::string(30, 'c');
    } else if (shape % 3 == 1) {
      voucher.pinned_domain_pubk_der = "a key";
    } else {
      voucher.pinned_domain_pubk_sha256 = std::string(32, 'h');
    }
    if (shape / 12 % 2 == 1) {
      voucher.idevid_issuer = AuthorityKeyIdExtension(std::string(20, 'k'));
      voucher.domain_cert_revocation_checks = true;
    }
    if (shape >= 24) {
      voucher.est_domain = "https://[2001:db8::1]:8443";
      voucher.additional_configuration_url = "https://a.example/%41?b";
    }
    SCOPED_TRACE(shape);
    RunAround(CheckVoucherJson,
              EncodeVoucherJson(
                  voucher, absl::Base64Escape(voucher.pinned_domain_cert_der)));
    for (const bool names : {false, true}) {
      const std::string octets = EncodeVoucherCbor(voucher, names);
      ASSERT_TRUE(ReadBackVoucherCbor(octets).ok());
      RunAround(CheckVoucherCbor, octets);
    }
  }
}

// Names in another order or twice, longer heads, false written out: the
// library reads some of these; the small reader none.
TEST(Properties, TheSmallReaderTakesOneFormAlone) {
  const std::string head = "\xa1\x19\x09\x93";
  const std::string assertion("\x01\x01"), created =
                                               "\x02\x74"
                                               "2026-11-24T03:00:00Z";
  const std::string key = "\x09\x41k", serial =
                                           "\x0b\x61"
                                           "1";
  const std::string good = head + "\xa4" + assertion + created + key + serial;
  ASSERT_TRUE(ReadBackVoucherCbor(good).ok());
  const std::string bad[] = {
      good + "x",
      head + "\xa4" + created + assertion + key + serial,
      head + "\xa5" + assertion + assertion + created + key + serial,
      head + "\xa5" + assertion + created + key + serial + "\x69" +
          "assertion\x01",
      head + "\xa4\x01\x18\x01" + created + key + serial,
      head + "\xa4\x18" + assertion + created + key + serial,
      head + "\xbf" + assertion + created + key + serial + "\xff",
      head + "\xa5" + assertion + created + "\x03\xf4" + key + serial,
      "\xa1\x1a" + std::string("\x00\x00\x09\x93", 4) + good.substr(4),
      head + "\xa3" + assertion + created + serial,
      head + "\xa3" + assertion + key + serial,
      head + "\xa3" + created + key + serial,
      head + "\xa3" + assertion + created + key,
      head + "\xa5" + assertion + created + "\x08\x41p" + key + serial,
  };
  for (const std::string& octets : bad) {
    EXPECT_FALSE(ReadBackVoucherCbor(octets).ok())
        << &octets - bad << " " << absl::BytesToHexString(octets);
    CheckVoucherCbor(octets);
  }
}

TEST(Properties, HoldAroundTokensAndTheirKeys) {
  testing::CertificateSpec spec;
  spec.common_name = "provider";
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(1);
  const testing::Identity key = testing::MakeIdentity(spec);
  const std::string token = testing::SignToken(
      R"({"alg":"ES256","kid":"k"})",
      R"({"iss":"i","aud":["a"],"exp":1.5e9,"nbf":1,"sub":"s"})", key);
  ASSERT_TRUE(ParseJwt(token).ok());
  RunAround(CheckJwt, token);
  const std::string keys = testing::JwksOf({testing::JwkOf(key, "k")});
  ASSERT_EQ(ParseJwks(keys)->size(), 1u);
  RunAround(CheckJwt, keys);
}

TEST(Properties, HoldAroundRevocationEvidence) {
  testing::CertificateSpec spec;
  spec.common_name = "ca";
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(1);
  spec.is_ca = true;
  const testing::Identity ca = testing::MakeIdentity(spec);
  const testing::RevocationSpec revoked = {
      spec.not_before, spec.not_after, {ca}, "onlyuser:TRUE"};
  RunAround(CheckCrl, testing::MakeCrl(ca, revoked));
  RunAround(CheckOcsp, testing::MakeOcspResponse(ca, ca, ca, revoked));
  testing::JwsOptions options;
  options.enclose = false;
  RunAround(CheckAgentSignedData,
            testing::SignJws("{\"serial-number\":\"S\"}", ca, options));
}

}  // namespace
}  // namespace masa::wire
