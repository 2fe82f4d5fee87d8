#include <atomic>
#include <thread>

#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

void ExpectSame(const IssuedVoucher& a, const IssuedVoucher& b) {
  EXPECT_EQ(a.voucher_id, b.voucher_id);
  EXPECT_EQ(a.audit_event_id, b.audit_event_id);
  EXPECT_EQ(a.tenant_id, b.tenant_id);
  EXPECT_EQ(a.device_id, b.device_id);
  EXPECT_EQ(a.bucket, b.bucket);
  EXPECT_EQ(a.request_digest, b.request_digest);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(a.format, b.format);
  EXPECT_EQ(a.voucher, b.voucher);
  EXPECT_EQ(a.assertion, b.assertion);
  EXPECT_EQ(a.nonce, b.nonce);
  EXPECT_EQ(a.created_on, b.created_on);
  EXPECT_EQ(a.expires_on, b.expires_on);
  EXPECT_EQ(a.domain_id, b.domain_id);
  EXPECT_EQ(a.pinned_spki_sha256, b.pinned_spki_sha256);
  EXPECT_EQ(a.issuer_spki_sha256, b.issuer_spki_sha256);
  EXPECT_EQ(a.signing_key, b.signing_key);
  EXPECT_EQ(a.actor, b.actor);
  EXPECT_EQ(a.request_id, b.request_id);
}

TEST_P(IssuanceContract, KeepsEveryFieldOfAVoucher) {
  const Device device = MakeDevice("a", "1");
  const IssuedVoucher full = MakeVoucher(device, '1');
  IssuedVoucher bare = MakeVoucher(device, '2');
  bare.nonce.reset();
  bare.expires_on.reset();
  bare.issuer_spki_sha256.clear();
  bare.domain_id.clear();
  bare.created_on += absl::Seconds(1);
  for (const auto& outcome : log().Commit(context_, {full, bare})) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_FALSE(outcome->replayed);
  }
  const auto listed =
      log().ListForDevice(context_, device.bucket, device.device_id, 10);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 2u);
  ExpectSame((*listed)[0], bare);
  ExpectSame((*listed)[1], full);
  EXPECT_EQ(
      log().ListForDevice(context_, device.bucket, device.device_id, 1)->size(),
      1u);
}

// RV-24, AL-28: the same request twice, one voucher, one event.
TEST_P(IssuanceContract, RepeatGetsWhatIsStored) {
  const Device device = MakeDevice("a", "1");
  const IssuedVoucher first = MakeVoucher(device, '1');
  const IssuedVoucher second = MakeVoucher(device, '1');
  ASSERT_TRUE(log().Commit(context_, {first}).at(0).ok());
  const auto outcome = log().Commit(context_, {second}).at(0);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->replayed);
  ExpectSame(outcome->voucher, first);
  EXPECT_EQ(CountEvents(kVoucherIssued), 1);
}

// What was decided before the device became another one is not stored.
TEST_P(IssuanceContract, AVoucherHangsOnTheDeviceThatItWasDecidedFor) {
  const Device blocked = MakeDevice("a", "1");
  const Device other = MakeDevice("a", "2");
  ImportOne(blocked);
  ImportOne(other);
  IssuedVoucher late = MakeVoucher(blocked, '1');
  IssuedVoucher in_time = MakeVoucher(other, '1');
  late.device_version = in_time.device_version = 1;
  ASSERT_TRUE(
      devices()
          .SetBlocked(context_, "t", now_, {{"a", "1", std::nullopt}}, true)[0]
          .ok());
  const auto outcomes = log().Commit(context_, {late, in_time});
  EXPECT_EQ(ReasonOf(outcomes[0].status()), Reason::kStoreConflict);
  EXPECT_TRUE(outcomes[1].ok()) << outcomes[1].status();
  EXPECT_EQ(CountEvents(kVoucherIssued), 1);
  late.device_version = 2;
  EXPECT_TRUE(log().Commit(context_, {late})[0].ok());
}

// VI-18: two domains that both saw that nobody had claimed it.
TEST_P(IssuanceContract, OfTwoThatAreToBeAloneOneIsStored) {
  const Device device = MakeDevice("a", "1");
  ImportOne(device);
  const auto alone = [&](char digest, int64_t version) {
    IssuedVoucher voucher = MakeVoucher(device, digest);
    voucher.device_version = version;
    voucher.is_alone = true;
    return voucher;
  };
  const auto both = log().Commit(context_, {alone('1', 1), alone('2', 1)});
  EXPECT_NE(both[0].ok(), both[1].ok());
  EXPECT_EQ(ReasonOf(log().Commit(context_, {alone('3', 1)})[0].status()),
            Reason::kStoreConflict);
  EXPECT_EQ(CountEvents(kVoucherIssued), 1);
  EXPECT_TRUE(log().Commit(context_, {alone('4', 2)})[0].ok());
}

TEST_P(IssuanceContract, OfManyAtOnceThatAreToBeAloneOneIsStoredForEach) {
  constexpr int kDevices = 16;
  std::vector<IssuedVoucher> vouchers;
  for (int i = 0; i < kDevices; ++i) {
    const Device device = MakeDevice("a", std::to_string(i));
    ImportOne(device);
    vouchers.push_back(MakeVoucher(device, '1'));
    vouchers.back().device_version = 1;
    vouchers.back().is_alone = true;
  }
  std::atomic<int> stored = 0;
  std::vector<std::thread> callers;
  for (const char digest : {'1', '2', '3'}) {
    callers.emplace_back([&, digest] {
      for (IssuedVoucher voucher : vouchers) {
        voucher.request_digest = std::string(32, digest);
        voucher.voucher_id[0] = voucher.audit_event_id[0] = digest;
        stored += log().Commit(context_, {voucher})[0].ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(stored, kDevices);
  EXPECT_EQ(CountEvents(kVoucherIssued), kDevices);
}

TEST_P(IssuanceContract, RepeatWithinOneBatchGetsTheFirst) {
  const Device device = MakeDevice("a", "1");
  const IssuedVoucher first = MakeVoucher(device, '1');
  const auto outcomes =
      log().Commit(context_, {first, MakeVoucher(device, '1')});
  ASSERT_EQ(outcomes.size(), 2u);
  ASSERT_TRUE(outcomes[0].ok() && outcomes[1].ok());
  EXPECT_FALSE(outcomes[0]->replayed);
  EXPECT_TRUE(outcomes[1]->replayed);
  ExpectSame(outcomes[1]->voucher, first);
  EXPECT_EQ(CountEvents(kVoucherIssued), 1);
}

// RV-24, AL-28: two replicas answer the same request at once.
TEST_P(IssuanceContract, TwoThreadsWithOneRequestGetTheSameBytes) {
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    const Device device = MakeDevice("a", std::to_string(round));
    absl::StatusOr<Committed> outcomes[2];
    const auto commit = [&](int side) {
      outcomes[side] = log().Commit(context_, {MakeVoucher(device, '1')}).at(0);
    };
    std::thread other([&] { commit(0); });
    commit(1);
    other.join();
    ASSERT_TRUE(outcomes[0].ok()) << outcomes[0].status();
    ASSERT_TRUE(outcomes[1].ok()) << outcomes[1].status();
    EXPECT_NE(outcomes[0]->replayed, outcomes[1]->replayed);
    ExpectSame(outcomes[0]->voucher, outcomes[1]->voucher);
  }
  EXPECT_EQ(CountEvents(kVoucherIssued), kRounds);
}

// Two batches of the same keys in opposite order: no deadlock reaches a
// caller.
TEST_P(IssuanceContract, BatchesThatOverlapBothSucceed) {
  std::vector<IssuedVoucher> forward, backward;
  for (int i = 0; i < 200; ++i) {
    const Device device = MakeDevice("a", std::to_string(i));
    forward.push_back(MakeVoucher(device, '1'));
    backward.insert(backward.begin(), MakeVoucher(device, '1'));
  }
  std::vector<absl::StatusOr<Committed>> others;
  std::thread other([&] { others = log().Commit(context_, backward); });
  const auto outcomes = log().Commit(context_, forward);
  other.join();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i].ok()) << outcomes[i].status();
    const auto& twin = others[others.size() - 1 - i];
    ASSERT_TRUE(twin.ok()) << twin.status();
    EXPECT_EQ(outcomes[i]->voucher.voucher, twin->voucher.voucher);
  }
  EXPECT_EQ(CountEvents(kVoucherIssued), 200);
}

TEST_P(IssuanceContract, ANewGenerationIsANewVoucherWithItsOwnEvent) {
  const Device device = MakeDevice("a", "1");
  ImportOne(device);
  const IssuedVoucher first = MakeVoucher(device, '1');
  IssuedVoucher second = MakeVoucher(device, '1');
  second.generation = 1;
  const DeviceQuestion question = {{"a", "1", std::nullopt},
                                   first.request_digest};
  EXPECT_FALSE(FindOne(question)->previous.has_value());
  ASSERT_TRUE(log().Commit(context_, {first}).at(0).ok());
  ExpectSame(FindOne(question)->previous.value(), first);
  ASSERT_FALSE(log().Commit(context_, {second}).at(0)->replayed);
  ExpectSame(FindOne(question)->previous.value(), second);
  EXPECT_FALSE(
      FindOne({question.key, std::string(32, 'x')})->previous.has_value());
  EXPECT_EQ(CountEvents(kVoucherIssued), 2);
}

// The rows of a gathered commit have their own outcomes. The event id that
// exists is found by the store alone, the wrong length before it.
TEST_P(IssuanceContract, ABadRowFailsAlone) {
  const Device device = MakeDevice("a", "1");
  const IssuedVoucher stored = MakeVoucher(device, '0');
  ASSERT_TRUE(log().Commit(context_, {stored}).at(0).ok());
  std::vector<IssuedVoucher> batch;
  for (char digest = '1'; digest <= '9'; ++digest) {
    batch.push_back(MakeVoucher(device, digest));
  }
  batch[4].audit_event_id = stored.audit_event_id;
  batch[6].voucher_id = "short";
  const auto outcomes = log().Commit(context_, batch);
  ASSERT_EQ(outcomes.size(), batch.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (i == 4 || i == 6) {
      EXPECT_REASON(Reason::kStoreConflict, outcomes[i]);
    } else {
      EXPECT_TRUE(outcomes[i].ok()) << i << ": " << outcomes[i].status();
    }
  }
  EXPECT_EQ(CountEvents(kVoucherIssued), 8);
  EXPECT_EQ(log()
                .ListForDevice(context_, device.bucket, device.device_id, 99)
                ->size(),
            8u);
}

// What is stored already, what comes twice, what is bad and what is new, each
// in its own way.
TEST_P(IssuanceContract, RepeatsAndABadRowLeaveTheOthersAlone) {
  const Device device = MakeDevice("a", "1");
  const IssuedVoucher stored = MakeVoucher(device, '0');
  ASSERT_TRUE(log().Commit(context_, {stored}).at(0).ok());
  std::vector<IssuedVoucher> batch;
  for (const char digest : {'3', '0', '2', '1', '2', '2'}) {
    batch.push_back(MakeVoucher(device, digest));
  }
  batch[2].audit_event_id = stored.audit_event_id;
  const auto outcomes = log().Commit(context_, batch);
  ASSERT_EQ(outcomes.size(), batch.size());
  EXPECT_REASON(Reason::kStoreConflict, outcomes[2]);
  const struct {
    size_t item;
    bool replayed;
    const IssuedVoucher& voucher;
  } cases[] = {{0, false, batch[0]},
               {1, true, stored},
               {3, false, batch[3]},
               {4, false, batch[4]},
               {5, true, batch[4]}};
  for (const auto& c : cases) {
    ASSERT_TRUE(outcomes[c.item].ok()) << outcomes[c.item].status();
    EXPECT_EQ(outcomes[c.item]->replayed, c.replayed) << c.item;
    ExpectSame(outcomes[c.item]->voucher, c.voucher);
  }
  EXPECT_EQ(CountEvents(kVoucherIssued), 4);
}

// VI-17: what was not stored leaves neither voucher nor event behind.
TEST_P(IssuanceContract, SaysUnavailableWhileStoppedAndStoresAfterwards) {
  const Device device = MakeDevice("a", "1");
  const IssuedVoucher voucher = MakeVoucher(device, '1');
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  EXPECT_REASON(Reason::kStoreUnavailable,
                log().Commit(context_, {voucher}).at(0));
  EXPECT_REASON(
      Reason::kStoreUnavailable,
      log().ListForDevice(context_, device.bucket, device.device_id, 9));
  EXPECT_REASON(
      Reason::kStoreUnavailable,
      log().ReadForRules(context_, {device.bucket, device.device_id, {}}));
  EXPECT_REASON(Reason::kStoreUnavailable,
                log().Summarize(context_, device.bucket, device.device_id, 9));
  stores().Restart();
  EXPECT_EQ(CountEvents(kVoucherIssued), 0);
  const auto outcome = log().Commit(context_, {voucher}).at(0);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_FALSE(outcome->replayed);
  EXPECT_EQ(CountEvents(kVoucherIssued), 1);
}

TEST_P(IssuanceContract, OtherDevicesAreNotListed) {
  const Device mine = MakeDevice("a", "1");
  const Device theirs = MakeDevice("b", "1");
  ASSERT_TRUE(log().Commit(context_, {MakeVoucher(mine, '1')}).at(0).ok());
  EXPECT_TRUE(log()
                  .ListForDevice(context_, theirs.bucket, theirs.device_id, 9)
                  ->empty());
}

// SE-01: claims are counted with the voucher that is stored, for each
// registrar and tenant, in its newest window; a repeat counts no more.
TEST_P(IssuanceContract, CountsClaimsOfARegistrarInItsWindow) {
  const Device device = MakeDevice("a", "S1");
  ImportOne(device);
  const std::string registrar(32, 'r');
  const absl::Time next = now_ + absl::Minutes(1);
  const auto claims = [&](const std::string& who, absl::Time window,
                          const std::string& tenant = "a") {
    return catalog()
        .DomainsOf(context_, {{tenant, {}, who, window}})[0]
        ->claims;
  };
  const auto voucher = [&](char digest, std::optional<absl::Time> window) {
    IssuedVoucher made = MakeVoucher(device, digest);
    made.registrar_spki_sha256 = registrar;
    made.claim_window = window;
    return made;
  };
  EXPECT_EQ(claims(registrar, now_), 0);
  const IssuedVoucher first = voucher('1', now_);
  for (const auto& outcome : log().Commit(
           context_, {first, voucher('2', now_), voucher('3', std::nullopt)})) {
    EXPECT_TRUE(outcome.ok()) << outcome.status();
  }
  EXPECT_EQ(claims(registrar, now_), 2);
  EXPECT_TRUE(log().Commit(context_, {first})[0]->replayed);
  EXPECT_EQ(claims(registrar, now_), 2);
  EXPECT_EQ(claims(std::string(32, 's'), now_), 0);
  EXPECT_EQ(claims(registrar, now_, "b"), 0);
  EXPECT_EQ(claims(registrar, next), 0);
  EXPECT_TRUE(log().Commit(context_, {voucher('4', next)})[0].ok());
  EXPECT_TRUE(log().Commit(context_, {voucher('5', now_)})[0].ok());
  EXPECT_EQ(claims(registrar, next), 1);
  IssuedVoucher nobody = voucher('6', now_);
  nobody.registrar_spki_sha256 = "";
  EXPECT_REASON(Reason::kStoreConflict, log().Commit(context_, {nobody})[0]);
}

}  // namespace
}  // namespace masa::storage
