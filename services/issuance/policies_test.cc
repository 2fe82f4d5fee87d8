#include "services/issuance/policies.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class PoliciesTest : public Desk {
 protected:
  // How often the store is asked while `ask` runs.
  template <typename Ask>
  int Asked(Ask ask) {
    const int before = store_.Calls();
    ask();
    return store_.Calls() - before;
  }

  bool Current() { return policies_->Current({}).ok(); }
};

TEST_F(PoliciesTest, AreReadAgainBeforeTheyAreFiveSecondsOld) {
  EXPECT_TRUE(Current());
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Asked([this] { EXPECT_TRUE(Current()); }), 0);
  clock_.Advance(absl::Milliseconds(1500));
  EXPECT_EQ(Asked([this] { EXPECT_TRUE(Current()); }), 1);
  EXPECT_EQ(Asked([this] { EXPECT_TRUE(Current()); }), 0);
  EXPECT_EQ(policies_->counts().hits(), 2);
  EXPECT_EQ(policies_->counts().misses(), 2);
}

TEST_F(PoliciesTest, OutliveAFailingStoreForFiveSecondsAndNoLonger) {
  EXPECT_TRUE(Current());
  store_.Stop(true);
  clock_.Advance(absl::Milliseconds(4500));
  EXPECT_TRUE(Current());
  clock_.Advance(absl::Milliseconds(600));
  EXPECT_FALSE(Current());
}

// A store that hangs until it is let go, and then fails.
class HangingStore final : public storage::CatalogStore {
 public:
  absl::Notification asked, release;
  std::atomic<int> reads{0};

  absl::StatusOr<masa::v1::Catalog> ReadPolicies(
      const RequestContext& context) override {
    if (reads.fetch_add(1) == 0) {
      asked.Notify();
      release.WaitForNotification();
    }
    return Refuse(Reason::kStoreUnavailable, "gone");
  }
  absl::Status Apply(const RequestContext& context, const std::string& actor,
                     absl::Time at, const masa::v1::Catalog& catalog) override {
    return absl::OkStatus();
  }
  absl::Status ApplyIf(const RequestContext& context, const std::string& actor,
                       absl::Time at, const masa::v1::Catalog& catalog,
                       const storage::CatalogTerms& terms) override {
    return absl::OkStatus();
  }
  absl::StatusOr<masa::v1::Organization> GetOrganization(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id) override {
    return masa::v1::Organization();
  }
  std::vector<absl::StatusOr<storage::DomainFacts>> DomainsOf(
      const RequestContext& context,
      absl::Span<const storage::DomainQuestion> questions) override {
    return std::vector<absl::StatusOr<storage::DomainFacts>>(
        questions.size(), storage::DomainFacts());
  }
};

// Counts who looked at it: a caller does so with the lock in hand, and lets go
// of that only to wait.
class CountingClock final : public Clock {
 public:
  absl::Time Now() const override {
    ++asked;
    return Noon();
  }
  mutable std::atomic<int> asked{0};
};

TEST(Policies, ThoseWhoWaitShareOneAnswerOfAStoreThatHangs) {
  HangingStore store;
  const CountingClock clock;
  Policies policies(store, clock);
  std::vector<std::thread> callers;
  callers.emplace_back([&] { EXPECT_FALSE(policies.Current({}).ok()); });
  store.asked.WaitForNotification();
  const int before = clock.asked;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { EXPECT_FALSE(policies.Current({}).ok()); });
  }
  while (clock.asked < before + 8) {
    std::this_thread::yield();
  }
  store.release.Notify();
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(store.reads.load(), 1);
}

TEST_F(PoliciesTest, ChangedPolicyIsSeenAfterFiveSeconds) {
  ASSERT_TRUE(Ask(Request(kSerial)).ok());
  masa::v1::Catalog change;
  *change.add_products() = Catalog().products(0);
  change.mutable_products(0)->set_prior_signed_required(true);
  ASSERT_TRUE(store_.Apply({}, "test", clock_.Now(), change).ok());
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_)),
            Reason::kPriorSignedRequired);
}

}  // namespace
}  // namespace masa::issuance
