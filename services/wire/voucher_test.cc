#include "services/wire/voucher.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/wire/audit_log_json.h"
#include "services/wire/cms.h"
#include "services/wire/test_files.h"

namespace masa::wire {
namespace {

const absl::Time kCreated = absl::FromCivil(
    absl::CivilSecond(2026, 11, 4, 5, 6, 7), absl::UTCTimeZone());

Voucher Example() {
  Voucher voucher;
  voucher.assertion = masa::v1::ASSERTION_PROXIMITY;
  voucher.created_on = kCreated;
  voucher.serial_number = "JADA\"123\\456\n\u00e9";
  voucher.nonce = "-_XE9zK9q8Ll1qylMtLKeg";
  voucher.idevid_issuer = AuthorityKeyIdExtension(std::string(20, 'k'));
  voucher.pinned_domain_cert_der = "a certificate";
  voucher.domain_cert_revocation_checks = true;
  return voucher;
}

// VL-01, VL-03, VL-08, PN-08, SE-12: these leaves, one pin, and no other.
TEST(VoucherJson, IsWrittenInOneForm) {
  EXPECT_EQ(EncodeVoucherJson(Example(), absl::Base64Escape("a certificate")),
            R"({"ietf-voucher:voucher":{"assertion":"proximity",)"
            R"("created-on":"2026-11-04T05:06:07Z",)"
            R"("serial-number":"JADA\"123\\456\u000a)"
            "\u00e9"
            R"(","idevid-issuer":"BBgwFoAUa2tra2tra2tra2tra2tra2tra2s=",)"
            R"("pinned-domain-cert":"YSBjZXJ0aWZpY2F0ZQ==",)"
            R"("domain-cert-revocation-checks":true,)"
            R"("nonce":"-_XE9zK9q8Ll1qylMtLKeg"}})");
}

TEST(VoucherJson, ReadsBackWhatWasWritten) {
  Voucher bare = Example();
  bare.nonce.reset();
  bare.idevid_issuer.reset();
  bare.domain_cert_revocation_checks = false;
  bare.expires_on = kCreated + absl::Minutes(20);
  for (const Voucher& voucher : {Example(), bare}) {
    const auto read = ParseVoucherJson(
        EncodeVoucherJson(voucher, absl::Base64Escape("a certificate")));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->assertion, voucher.assertion);
    EXPECT_EQ(read->created_on, voucher.created_on);
    EXPECT_EQ(read->expires_on, voucher.expires_on);
    EXPECT_EQ(read->serial_number, voucher.serial_number);
    EXPECT_EQ(read->nonce, voucher.nonce);
    EXPECT_EQ(read->idevid_issuer, voucher.idevid_issuer);
    EXPECT_EQ(read->pinned_domain_cert_der, voucher.pinned_domain_cert_der);
    EXPECT_EQ(read->domain_cert_revocation_checks,
              voucher.domain_cert_revocation_checks);
  }
}

// CR-13, CR-14, CR-15: whole URIs, and absent where there is none.
TEST(VoucherJson, SaysWhereTheEstServerIs) {
  Voucher voucher = Example();
  voucher.est_domain = "https://[2001:db8::1]:8443";
  const std::string pin = absl::Base64Escape("a certificate");
  EXPECT_NE(EncodeVoucherJson(voucher, pin)
                .find(R"(,"est-domain":"https://[2001:db8::1]:8443","nonce")"),
            std::string::npos);
  voucher.additional_configuration_url = "https://owner.example/more?a=b";
  const auto read = ParseVoucherJson(EncodeVoucherJson(voucher, pin));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->est_domain, voucher.est_domain);
  EXPECT_EQ(read->additional_configuration_url,
            voucher.additional_configuration_url);
  for (const auto field :
       {&Voucher::est_domain, &Voucher::additional_configuration_url}) {
    Voucher bad = voucher;
    bad.*field = "est.example.com";
    EXPECT_FALSE(ParseVoucherJson(EncodeVoucherJson(bad, pin)).ok());
  }
}

TEST(VoucherJson, ReadsTheVoucherOfRfc8995) {
  const auto artifact = ParseCms(Rfc8995File("voucher.der"));
  const auto voucher = ParseVoucherJson(artifact->payload);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_LOGGED);
  EXPECT_EQ(voucher->nonce, "-_XE9zK9q8Ll1qylMtLKeg");
  EXPECT_EQ(voucher->pinned_domain_cert_der, Rfc8995File("registrar_cert.der"));
}

TEST(VoucherJson, ReadsWhiteSpaceAndEscapes) {  // VL-09
  const auto voucher = ParseVoucherJson(
      "\n{ \"ietf-voucher:voucher\" :\t{ \"assertion\":\"log\\u0067ed\" , "
      "\"created-on\":\"2026-01-02T03:04:05.5+01:00\",\r\n"
      "\"serial-number\":\"\\ud83d\\ude00\\t\\/\","
      "\"pinned-domain-cert\":\"\\/\\/\\/\\/\" , "
      "\"domain-cert-revocation-checks\" : false } } \n");
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_LOGGED);
  EXPECT_EQ(voucher->serial_number, "\U0001f600\t/");
  EXPECT_EQ(voucher->pinned_domain_cert_der, "\xff\xff\xff");
}

TEST(VoucherJson, RefusesWhatWasNeverWritten) {
  const std::string good =
      R"("assertion":"logged","created-on":"2026-01-02T03:04:05Z",)"
      R"("serial-number":"s","pinned-domain-cert":"AAAA")";
  const std::string top = R"({"ietf-voucher:voucher":{)";
  ASSERT_TRUE(ParseVoucherJson(top + good + "}}").ok());
  const std::string kBad[] = {
      "",
      "garbage",
      top + good + "}}x",
      top + good + "}},",
      top + good + ",}}",
      top + good + R"(,"serial-number":"s"}})",
      top + good + R"(,"unknown":"s"}})",
      top + good + R"(,"prior-signed-voucher-request":"AAAA"}})",
      top + good + R"(,"domain-cert-revocation-checks":"true"}})",
      top + good + R"(,"domain-cert-revocation-checks":1}})",
      top + good + R"(,"nonce":"short"}})",
      top + good + R"(,"nonce":null}})",
      top + good + R"(,"idevid-issuer":"AAAA"}})",
      top + good + R"(,"expires-on":"2026-01-02"}})",
      top + good + R"(,"est-domain":""}})",
      top + good + R"(,"est-domain":"est.example.com"}})",
      top + good + R"(,"est-domain":true}})",
      top + good + R"(,"additional-configuration-url":"http://a"}})",
      top + good + R"(,"expires-on":"9999-12-31T23:59:59-01:00"}})",
      top + R"("assertion":"logged"}})",
      top + "}}",
      R"({"ietf-voucher-request:voucher":{)" + good + "}}",
      top + good + R"(},"other":{}})",
      "[" + top + good + "}}]",
  };
  for (const std::string& json : kBad) {
    const auto voucher = ParseVoucherJson(json);
    ASSERT_FALSE(voucher.ok()) << json;
    EXPECT_EQ(ReasonOf(voucher.status()), Reason::kMalformed);
  }
  const std::string kBadSerials[] = {
      "",     "\\u0000",  "\\ud800",      "\\udc00", "\\x", "\n",
      "\xff", "\xc0\x80", "\xed\xa0\x80", "\\u12",   "\\",
  };
  for (const std::string& serial : kBadSerials) {
    EXPECT_FALSE(
        ParseVoucherJson(
            top +
            R"("assertion":"logged","created-on":"2026-01-02T03:04:05Z",)"
            R"("pinned-domain-cert":"AAAA","serial-number":")" +
            serial + "\"}}")
            .ok())
        << serial;
  }
}

TEST(VoucherJson, WrapsTheKeyIdentifier) {  // RV-15
  EXPECT_EQ(
      absl::BytesToHexString(AuthorityKeyIdExtension(std::string(20, '\xab'))),
      "041830168014abababababababababababababababababababab");
}

TEST(VoucherJson, NamesAssertionsBothWays) {
  for (const char* name :
       {"verified", "logged", "proximity", "agent-proximity"}) {
    EXPECT_EQ(AssertionName(AssertionNamed(name)), name);
  }
  EXPECT_EQ(AssertionNamed("Logged"), masa::v1::ASSERTION_UNSPECIFIED);
  EXPECT_EQ(AssertionName(masa::v1::ASSERTION_UNSPECIFIED), "");
}

// The golden form of version 1, which later versions only add to (AL-19).
// AL-08, AL-10, AL-11, AL-12, AL-13, AL-25, AMB-09, PN-12.
TEST(AuditLogJson, IsVersionOne) {
  AuditLogEvent nonced;
  nonced.date = kCreated;
  nonced.domain_id = std::string(20, 'd');
  nonced.nonce = "f4G6Vi1t8nKo/FieCVgpBg==";
  nonced.assertion = masa::v1::ASSERTION_PROXIMITY;
  AuditLogEvent nonceless = nonced;
  nonceless.nonce.reset();
  nonceless.assertion = masa::v1::ASSERTION_VERIFIED;
  EXPECT_EQ(EncodeAuditLogJson({{nonced, nonceless}}),
            R"({"version":1,"events":[{"date":"2026-11-04T05:06:07Z",)"
            R"("domainID":"ZGRkZGRkZGRkZGRkZGRkZGRkZGQ=",)"
            R"("nonce":"f4G6Vi1t8nKo/FieCVgpBg==","assertion":"proximity"},)"
            R"({"date":"2026-11-04T05:06:07Z",)"
            R"("domainID":"ZGRkZGRkZGRkZGRkZGRkZGRkZGQ=",)"
            R"("nonce":null,"assertion":"verified"}]})");
}

// AL-14, AL-15, AL-18: what was left out, by its names; nothing for zero.
TEST(AuditLogJson, CountsWhatWasLeftOut) {
  AuditLog log;
  log.events.emplace_back();
  log.events[0].date = kCreated;
  log.events[0].domain_id = "d";
  log.events[0].assertion = masa::v1::ASSERTION_LOGGED;
  log.events[0].truncated = 5000;
  log.nonced_duplicates = 5000;
  log.arbitrary = 50;
  EXPECT_EQ(EncodeAuditLogJson(log),
            R"({"version":1,"events":[{"date":"2026-11-04T05:06:07Z",)"
            R"("domainID":"ZA==","nonce":null,"assertion":"logged",)"
            R"("truncated":1024}],)"
            R"("truncation":{"nonced duplicates":1024,"arbitrary":50}})");
}

}  // namespace
}  // namespace masa::wire
