// The form of events that the log commits to, octet by octet: what is in a log
// today must be found in it in any year.
#include "storage/log_event.h"

#include <string>

#include "gtest/gtest.h"
#include "openssl/sha.h"

namespace masa::storage {
namespace {

std::string Sha256(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

IssuedVoucher SomeVoucher() {
  IssuedVoucher voucher;
  voucher.voucher_id = std::string(16, '\x01');
  voucher.audit_event_id = std::string(16, '\xfe');
  voucher.tenant_id = "acme";
  voucher.device_id = std::string(16, '\x2a');
  voucher.bucket = 1023;
  voucher.request_digest = std::string(32, '\x0f');
  voucher.voucher = "a";
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.nonce = "q\"\\/\n\x01\x7f\xc3\xa4";
  voucher.created_on = absl::FromUnixMicros(1'790'000'000'000'042);
  voucher.domain_id = "\xab";
  voucher.pinned_spki_sha256 = "\xcd";
  voucher.actor = "op";
  voucher.request_id = "r-1";
  return voucher;
}

TEST(CanonicalEvent, IsOneTextForEachEvent) {
  LogEvent event = LogEventOf(SomeVoucher());
  event.who_hash = "\x11";
  EXPECT_EQ(
      CanonicalEvent(event),
      "{\"assertion\":2,\"at\":\"2026-09-21T14:13:20.000042Z\",\"bucket\":1023,"
      "\"device_id\":\"2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a\",\"domain_id\":\"ab\","
      "\"event_id\":\"fefefefefefefefefefefefefefefefe\","
      "\"kind\":\"voucher-issued\",\"nonce\":\"q\\\"\\\\/\\n\\u0001\x7f\xc3\xa4"
      "\",\"pinned_spki_sha256\":\"cd\",\"request_digest\":"
      "\"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\","
      "\"tenant_id\":\"acme\",\"voucher_id\":"
      "\"01010101010101010101010101010101\",\"voucher_sha256\":"
      "\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\","
      "\"who_hash\":\"11\"}");
}

TEST(CanonicalEvent, LeavesOutWhatIsEmpty) {
  LogEvent event;
  event.kind = "";
  event.at = absl::FromUnixSeconds(-1);
  EXPECT_EQ(
      CanonicalEvent(event),
      "{\"at\":\"1969-12-31T23:59:59.000000Z\",\"bucket\":0,\"kind\":\"\","
      "\"tenant_id\":\"\"}");
}

TEST(SealAll, IsWhatTheEventCommitsTo) {
  const IssuedVoucher one = SomeVoucher();
  IssuedVoucher another = one;
  another.request_id = "r-2";
  const auto seals = SealAll({&one, &another});
  ASSERT_EQ(seals.size(), 2u);
  EXPECT_NE(seals[0].salt, seals[1].salt);
  EXPECT_NE(seals[0].salt, seals[0].who_salt);
  EXPECT_NE(seals[0].who_salt, seals[1].salt);
  LogEvent event = LogEventOf(another);
  EXPECT_NE(event.salt, seals[1].salt) << "salts are fresh";
  event.salt = seals[1].salt;
  event.who.salt = seals[1].who_salt;
  event.who_hash = HashOfWho(event.who);
  EXPECT_EQ(event.who_hash, seals[1].who_hash);
  EXPECT_EQ(event.who_hash,
            Sha256(seals[1].who_salt + std::string("\0\0\0\x02", 4) + "opr-2"));
  EXPECT_EQ(event.voucher_sha256, seals[1].voucher_sha256);
  EXPECT_EQ(CommitmentOf(event), seals[1].commitment);
  EXPECT_EQ(seals[1].commitment, Sha256(seals[1].salt + CanonicalEvent(event)));
}

TEST(OutboxOf, HasARowForEachTenant) {
  const IssuedVoucher one = SomeVoucher();
  IssuedVoucher another = one;
  another.tenant_id = "beta";
  another.audit_event_id = std::string(16, '\x03');
  const auto seals = SealAll({&one, &another, &one});
  const auto rows = OutboxOf({&one, &another, &one}, seals);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].tenant_id, "acme");
  EXPECT_EQ(rows[0].outbox_id, one.audit_event_id);
  EXPECT_EQ(rows[0].bucket, 1023);
  ASSERT_EQ(rows[0].entries.size(), 2u);
  EXPECT_EQ(rows[0].entries[1].commitment, seals[2].commitment);
  EXPECT_EQ(rows[1].tenant_id, "beta");
  EXPECT_EQ(rows[1].entries[0].event_id, another.audit_event_id);
  EXPECT_EQ(rows[1].entries[0].commitment, seals[1].commitment);
}

}  // namespace
}  // namespace masa::storage
