#include <set>
#include <thread>

#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

Claim MakeClaim(const Device& device, char id, absl::Time asked_at) {
  Claim claim;
  claim.claim_id = std::string(16, id);
  claim.tenant_id = device.tenant_id;
  claim.bucket = device.bucket;
  claim.device_id = device.device_id;
  claim.serial_number = device.serial_number;
  claim.domain_id = std::string(20, 'd');
  claim.pinned_spki_sha256 = std::string(32, 's');
  claim.asked_at = asked_at;
  return claim;
}

ClaimWord Word(const std::string& tenant, char id, bool approved) {
  return {tenant, std::string(16, id), approved, approved ? "" : "not yours"};
}

// EP-41: a claim waits until an operator speaks, and keeps the first asking's
// time, however often it is asked for.
TEST_P(ClaimContract, WaitsForAWordAndKeepsIt) {
  const Device device = MakeDevice("a", "S1");
  const Claim claim = MakeClaim(device, '1', now_);
  const auto first = claims().Ask(context_, claim);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->state, ClaimState::kWaiting);
  const auto again =
      claims().Ask(context_, MakeClaim(device, '1', now_ + absl::Hours(1)));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->asked_at, now_);
  EXPECT_EQ(again->domain_id, claim.domain_id);
  EXPECT_EQ(again->pinned_spki_sha256, claim.pinned_spki_sha256);
  EXPECT_EQ(again->serial_number, "S1");

  const auto decided =
      claims().Decide(context_, "op", now_, Word("a", '1', true));
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(decided->state, ClaimState::kApproved);
  EXPECT_EQ(claims().Ask(context_, claim)->state, ClaimState::kApproved);
  EXPECT_EQ(CountEvents(kClaimApproved), 1);
  EXPECT_TRUE(claims().Decide(context_, "op", now_, Word("a", '1', true)).ok());
  EXPECT_EQ(CountEvents(kClaimApproved), 1) << "the same word changes nothing";
  EXPECT_REASON(Reason::kClaimDecided,
                claims().Decide(context_, "op", now_, Word("a", '1', false)));
  EXPECT_EQ(CountEvents(kClaimDeclined), 0);
}

TEST_P(ClaimContract, AnIdOfTheOperatorsStandsForOneWord) {
  for (const char claim : {'1', '2'}) {
    ASSERT_TRUE(
        claims()
            .Ask(context_, MakeClaim(MakeDevice("a", "S1"), claim, now_))
            .ok());
  }
  ClaimWord word = Word("a", '1', true);
  word.once = {{"a", "op", "id-1"}, std::string(32, 'd')};
  ASSERT_TRUE(claims().Decide(context_, "op", now_, word).ok());
  EXPECT_TRUE(groups().Recall(context_, word.once->key)->has_value());
  word.claim_id = Word("a", '2', true).claim_id;
  EXPECT_REASON(Reason::kStoreConflict,
                claims().Decide(context_, "op", now_, word));
  EXPECT_EQ(claims().ListWaiting(context_, "a", 9)->size(), 1u);
}

TEST_P(ClaimContract, ADeclinedClaimKeepsItsReason) {
  const Claim claim = MakeClaim(MakeDevice("a", "S1"), '1', now_);
  ASSERT_TRUE(claims().Ask(context_, claim).ok());
  ASSERT_TRUE(
      claims().Decide(context_, "op", now_, Word("a", '1', false)).ok());
  const auto stands = claims().Ask(context_, claim);
  EXPECT_EQ(stands->state, ClaimState::kDeclined);
  EXPECT_EQ(stands->reason, "not yours");
  EXPECT_EQ(CountEvents(kClaimDeclined), 1);
}

TEST_P(ClaimContract, ListsWhatWaitsOldestFirstWithinATenant) {
  const Device mine = MakeDevice("a", "S1");
  const Device theirs = MakeDevice("b", "S1");
  ASSERT_TRUE(claims().Ask(context_, MakeClaim(mine, '2', now_)).ok());
  ASSERT_TRUE(claims()
                  .Ask(context_, MakeClaim(mine, '1', now_ + absl::Seconds(1)))
                  .ok());
  ASSERT_TRUE(claims()
                  .Ask(context_, MakeClaim(mine, '3', now_ + absl::Seconds(2)))
                  .ok());
  ASSERT_TRUE(claims().Ask(context_, MakeClaim(theirs, '4', now_)).ok());
  ASSERT_TRUE(claims().Decide(context_, "op", now_, Word("a", '3', true)).ok());
  const auto waiting = claims().ListWaiting(context_, "a", 9);
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  ASSERT_EQ(waiting->size(), 2u);
  EXPECT_EQ((*waiting)[0].claim_id, std::string(16, '2'));
  EXPECT_EQ((*waiting)[1].claim_id, std::string(16, '1'));
  EXPECT_EQ(claims().ListWaiting(context_, "a", 1)->size(), 1u);
  EXPECT_REASON(Reason::kClaimUnknown,
                claims().Decide(context_, "op", now_, Word("b", '1', true)));
  EXPECT_REASON(
      Reason::kClaimUnknown,
      claims().Decide(context_, "op", now_, {"a", "short", true, ""}));
}

// A stranger who asks with ever new nonces fills no table.
TEST_P(ClaimContract, OnlySoManyOfADeviceWait) {
  const Device device = MakeDevice("a", "S1");
  for (int i = 0; i < kMostWaitingClaims; ++i) {
    const auto asked = claims().Ask(
        context_, MakeClaim(device, static_cast<char>('A' + i), now_));
    ASSERT_TRUE(asked.ok()) << asked.status();
  }
  EXPECT_REASON(Reason::kRateLimited,
                claims().Ask(context_, MakeClaim(device, '1', now_)));
  EXPECT_TRUE(claims().Ask(context_, MakeClaim(device, 'A', now_)).ok());
  EXPECT_TRUE(
      claims().Ask(context_, MakeClaim(MakeDevice("a", "S2"), '1', now_)).ok());
  ASSERT_TRUE(claims().Decide(context_, "op", now_, Word("a", 'A', true)).ok());
  EXPECT_TRUE(claims().Ask(context_, MakeClaim(device, '1', now_)).ok());
  EXPECT_TRUE(claims()
                  .Ask(context_, MakeClaim(device, '2', now_ + absl::Hours(25)))
                  .ok())
      << "those of yesterday count no more";
}

TEST_P(ClaimContract, TwoReplicasThatAskAtOnceSeeOneClaim) {
  const Claim claim = MakeClaim(MakeDevice("a", "S1"), '1', now_);
  absl::StatusOr<Claim> answers[2];
  std::thread other([&] { answers[0] = claims().Ask(context_, claim); });
  answers[1] = claims().Ask(context_, claim);
  other.join();
  EXPECT_TRUE(answers[0].ok() && answers[1].ok());
  EXPECT_EQ(claims().ListWaiting(context_, "a", 9)->size(), 1u);
}

TEST_P(ClaimContract, SaysUnavailableWhileStopped) {
  const Claim claim = MakeClaim(MakeDevice("a", "S1"), '1', now_);
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  EXPECT_REASON(Reason::kStoreUnavailable, claims().Ask(context_, claim));
  EXPECT_REASON(Reason::kStoreUnavailable,
                claims().ListWaiting(context_, "a", 9));
  EXPECT_REASON(Reason::kStoreUnavailable,
                claims().Decide(context_, "op", now_, Word("a", '1', true)));
  stores().Restart();
  EXPECT_TRUE(claims().ListWaiting(context_, "a", 9)->empty());
}

// SZ-02: every device of a customer once, in pages, and nobody else's.
TEST_P(DeviceContract, ListsACustomersDevicesInPages) {
  std::set<std::string> expected, seen;
  for (int i = 0; i < 7; ++i) {
    Device device = MakeDevice("a", "S" + std::to_string(i));
    device.organization_id = "o";
    ImportOne(device);
    expected.insert(device.serial_number);
  }
  Device foreign = MakeDevice("a", "F");
  foreign.organization_id = "q";
  ImportOne(foreign);
  ImportOne(MakeDevice("a", "nobody's"));
  Device elsewhere = MakeDevice("b", "S0");
  elsewhere.organization_id = "o";
  ImportOne(elsewhere);
  DevicePlace place;
  for (const size_t size : {3u, 3u, 1u}) {
    const auto page = owned().ListOwned(context_, "a", "o", place, 3);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->size(), size);
    for (const Device& device : *page) {
      EXPECT_EQ(device.tenant_id, "a");
      EXPECT_TRUE(seen.insert(device.serial_number).second);
    }
    place = {page->back().bucket, page->back().device_id};
  }
  EXPECT_EQ(seen, expected);
  EXPECT_TRUE(owned().ListOwned(context_, "a", "o", place, 3)->empty());
  EXPECT_TRUE(owned().ListOwned(context_, "a", "", {}, 3)->empty());
}

}  // namespace
}  // namespace masa::storage
