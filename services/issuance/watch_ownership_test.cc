#include "services/issuance/watch_ownership.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Place = std::optional<storage::FeedCursor>;

const identity::Principal kOperator = {identity::Role::kOperator, "op", "acme",
                                       ""};

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization + ":robot", "acme",
          organization, kAccount};
}

// A watcher that listens until there is nothing to hear.
class Ear {
 public:
  explicit Ear(std::unique_ptr<OwnershipWatch> watch)
      : watch_(std::move(watch)) {}

  // "SERIAL version" of each change.
  std::vector<std::string> Hear() {
    std::vector<std::string> heard;
    int before = 0;
    do {
      before = wakes();
      const auto news = watch_->Next({});
      EXPECT_TRUE(news.ok()) << news.status();
      if (!news.ok()) {
        return heard;
      }
      if (*news) {
        place_ = (*news)->place;
        signs_ += (*news)->changes.empty() ? 1 : 0;
        for (const WatchedChange& told : (*news)->changes) {
          heard.push_back(told.change.serial_number + " " +
                          std::to_string(told.change.version));
        }
      }
      EXPECT_TRUE(watch_->WhenReady([wakes = wakes_, deaf = deaf_] {
        ++*wakes;
        return !*deaf;
      }));
    } while (wakes() != before);
    return heard;
  }

  int wakes() const { return *wakes_; }
  int signs() const { return signs_; }  // of life
  void SetDeaf(bool deaf) { *deaf_ = deaf; }
  const Place& place() const { return place_; }
  OwnershipWatch& watch() { return *watch_; }

 private:
  std::shared_ptr<std::atomic<int>> wakes_ =
      std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<bool>> deaf_ =
      std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<OwnershipWatch> watch_;
  Place place_;
  int signs_ = 0;
};

class Watches : public Desk {
 protected:
  Ear Begin(const identity::Principal& caller, const Place& place = {}) {
    auto watch = watches_.Watch({}, caller, place);
    EXPECT_TRUE(watch.ok()) << watch.status();
    return Ear(*std::move(watch));
  }

  Reason Refused(const identity::Principal& caller, const Place& place = {}) {
    const auto watch = watches_.Watch({}, caller, place);
    EXPECT_FALSE(watch.ok());
    return ReasonOf(watch.status());
  }

  void Assign(const std::string& serial, const std::string& organization) {
    const auto outcome =
        store_.Assign({}, "t", Noon(), {{"acme", serial, {}}}, organization);
    EXPECT_TRUE(outcome[0].ok()) << outcome[0].status();
  }

  void Poll() { EXPECT_TRUE(watches_.Poll({}).ok()); }

  WatchOwnership watches_{
      *tools_, store_, {absl::Seconds(15), absl::Hours(1), 3, 2}};
};

TEST_F(Watches, BeginNowWithATokenAndAreWokenForWhatComes) {
  Ear ear = Begin(kOperator);
  EXPECT_THAT(ear.Hear(), IsEmpty()) << "what was before is not told";
  EXPECT_EQ(ear.signs(), 1) << "where it begins";
  EXPECT_EQ(*ear.place(), *store_.ReadHeads({}, "acme"));
  Poll();
  EXPECT_EQ(ear.wakes(), 0);
  Assign(kSerial, "org-acme");
  EXPECT_EQ(ear.wakes(), 0);
  Poll();
  EXPECT_EQ(ear.wakes(), 1);
  EXPECT_THAT(ear.Hear(), ElementsAre("S-1 2"));
  EXPECT_EQ(*ear.place(), *store_.ReadHeads({}, "acme"));
  const int wakes = ear.wakes();
  Poll();
  EXPECT_EQ(ear.wakes(), wakes);
}

TEST_F(Watches, GiveASignOfLifeAfterSilence) {
  Ear ear = Begin(kOperator);
  ear.Hear();
  clock_.Advance(absl::Seconds(14));
  Poll();
  EXPECT_EQ(ear.wakes(), 0);
  clock_.Advance(absl::Seconds(1));
  Poll();
  EXPECT_EQ(ear.wakes(), 1);
  EXPECT_THAT(ear.Hear(), IsEmpty());
  EXPECT_EQ(ear.signs(), 2);
  clock_.Advance(absl::Seconds(14));
  Assign(kSerial, "org-acme");
  Poll();
  ear.Hear();
  clock_.Advance(absl::Seconds(14));
  Poll();
  ear.Hear();
  EXPECT_EQ(ear.signs(), 2) << "a change is one, too";
}

TEST_F(Watches, AWakeThatCannotBeHeardComesAgain) {
  Ear ear = Begin(kOperator);
  ear.Hear();
  ear.SetDeaf(true);
  Assign(kSerial, "org-acme");
  Poll();
  Poll();
  EXPECT_EQ(ear.wakes(), 2);
  ear.SetDeaf(false);
  Poll();
  Poll();
  EXPECT_EQ(ear.wakes(), 3);
  EXPECT_THAT(ear.Hear(), ElementsAre("S-1 2"));
}

TEST_F(Watches, CustomersHearOfTheirOwnAndOfWhatTheyHaveLost) {
  Ear all = Begin(kOperator);
  Ear acme = Begin(Customer("org-acme"));
  Ear other = Begin(Customer("org-other"));
  Import("S-2", "default");  // nobody's
  Assign("S-2", "org-acme");
  Assign("S-2", "org-other");
  store_.SetBlocked({}, "t", Noon(), {{"acme", "S-2", {}}}, true);
  Assign("S-2", "");
  Assign("S-2", "");
  Poll();
  EXPECT_THAT(all.Hear(), ElementsAre("S-2 1", "S-2 2", "S-2 3", "S-2 4",
                                      "S-2 5", "S-2 6"));
  EXPECT_THAT(acme.Hear(), ElementsAre("S-2 2", "S-2 3"));
  EXPECT_THAT(other.Hear(), ElementsAre("S-2 3", "S-2 4", "S-2 5"));
}

TEST_F(Watches, WhoLosesItsRoleHearsNoMore) {
  Ear acme = Begin(Customer("org-acme"));
  acme.Hear();
  storage::TreeChange change;
  change.tenant_id = "acme";
  change.organization_id = "org-acme";
  const auto tree = store_.ReadTrees(
      {}, {"acme", storage::TreeQuestion::By::kOrganization, "org-acme"});
  change.expected_version = tree->front().version;
  change.removed_bindings = tree->front().bindings;
  change.kind = storage::kRoleTaken;
  ASSERT_TRUE(store_.Change({}, "t", Noon(), change).ok());
  Assign("OWNED-1", "org-other");
  Poll();
  EXPECT_THAT(acme.Hear(), IsEmpty());
}

TEST_F(Watches, GoOnBehindAToken) {
  Place place;
  {
    Ear ear = Begin(kOperator);
    Assign(kSerial, "org-acme");
    Poll();
    ear.Hear();
    place = ear.place();
  }
  Assign(kSerial, "org-other");
  Assign("OWNED-1", "org-other");
  Ear ear = Begin(kOperator, place);
  auto heard = ear.Hear();
  std::sort(heard.begin(), heard.end());
  EXPECT_THAT(heard, ElementsAre("OWNED-1 2", "S-1 3"))
      << "from the store, before the feed is read for all";
  Assign(kSerial, "");
  Poll();
  EXPECT_THAT(ear.Hear(), ElementsAre("S-1 4"));
}

TEST_F(Watches, FromTheBeginningComeToTheEndInPieces) {
  for (int i = 0; i < 150; ++i) {
    Assign(kSerial, i % 2 == 0 ? "org-acme" : "org-other");
  }
  Ear ear = Begin(kOperator, storage::FeedCursor{});
  EXPECT_EQ(ear.Hear().size(), 152u);
  Ear other = Begin(Customer("org-other"), storage::FeedCursor{});
  EXPECT_EQ(other.Hear().size(), 149u) << "goes on where it may see nothing";
}

TEST_F(Watches, ReadTheStoreOnceForAll) {
  Ear ears[] = {Begin(kOperator), Begin(kOperator), Begin(Customer("org-x"))};
  for (Ear& ear : ears) {
    ear.Hear();
  }
  const int before = store_.Calls();
  Poll();
  EXPECT_EQ(store_.Calls(), before + 1) << "when nothing is new";
}

TEST_F(Watches, AreNoMoreThanTheyMayBe) {
  std::vector<Ear> ears;
  ears.push_back(Begin(kOperator));
  ears.push_back(Begin(kOperator));
  EXPECT_EQ(Refused(kOperator), Reason::kOverloaded) << "of one caller";
  ears.push_back(Begin(Customer("org-acme")));
  EXPECT_EQ(Refused(Customer("org-other")), Reason::kOverloaded) << "of all";
  ears.clear();
  Begin(kOperator);
}

TEST_F(Watches, EndSoThatTheyComeAgain) {
  Ear ear = Begin(kOperator);
  ear.Hear();
  clock_.Advance(absl::Hours(1));
  Poll();
  EXPECT_EQ(ear.wakes(), 1);
  EXPECT_EQ(ReasonOf(ear.watch().Next({}).status()), Reason::kDraining);
  Ear second = Begin(kOperator);
  second.Hear();
  watches_.Drain();
  EXPECT_EQ(second.wakes(), 1);
  EXPECT_EQ(ReasonOf(second.watch().Next({}).status()), Reason::kDraining);
  EXPECT_EQ(Refused(Customer("org-acme")), Reason::kDraining);
}

TEST_F(Watches, AreNotWokenOnceTheyAreForgotten) {
  Ear ear = Begin(kOperator);
  ear.Hear();
  EXPECT_TRUE(ear.watch().Forget());
  EXPECT_FALSE(ear.watch().Forget());
  Assign(kSerial, "org-acme");
  Poll();
  EXPECT_EQ(ear.wakes(), 0);
  EXPECT_FALSE(ear.watch().WhenReady([] { return true; }));
}

TEST_F(Watches, LoseNothingToAStoreThatWasAway) {
  Ear ear = Begin(kOperator);
  ear.Hear();
  Assign(kSerial, "org-acme");
  store_.FailNext(MemoryStore::Failure::kUnstored);
  EXPECT_EQ(ReasonOf(watches_.Poll({})), Reason::kStoreUnavailable);
  EXPECT_THAT(ear.Hear(), IsEmpty());
  Poll();
  EXPECT_THAT(ear.Hear(), ElementsAre("S-1 2"));
}

TEST_F(Watches, HearThatWhatTheyMissedIsNotKept) {
  Ear ear = Begin(kOperator);
  ear.Hear();
  Assign(kSerial, "org-acme");
  store_.ForgetFeed();
  EXPECT_EQ(Refused(kOperator, ear.place()), Reason::kResumeTokenExpired);
  EXPECT_EQ(ReasonOf(watches_.Poll({})), Reason::kResumeTokenExpired);
  EXPECT_EQ(ear.wakes(), 1);
  EXPECT_EQ(ReasonOf(ear.watch().Next({}).status()), Reason::kDraining)
      << "it comes again, and hears it then";
  storage::FeedCursor ahead = *store_.ReadHeads({}, "acme");
  ++ahead[0];
  EXPECT_EQ(Refused(kOperator, ahead), Reason::kResumeTokenExpired);
}

// A watcher as the face has it, on threads of its own.
class Listener {
 public:
  explicit Listener(std::unique_ptr<OwnershipWatch> watch)
      : watch_(std::move(watch)), thread_([this] { Run(); }) {}
  ~Listener() { thread_.join(); }

  static constexpr int64_t kLast = 200;

 private:
  void Run() {
    int64_t version = 2;
    while (version < kLast) {
      const auto news = watch_->Next({});
      ASSERT_TRUE(news.ok()) << news.status();
      if (*news) {
        for (const WatchedChange& told : (*news)->changes) {
          ASSERT_EQ(told.change.version, ++version);
        }
        continue;
      }
      woken_ = false;
      ASSERT_TRUE(watch_->WhenReady([this] { return woken_ = true; }));
      while (!woken_) {
        std::this_thread::yield();
      }
    }
  }

  std::atomic<bool> woken_ = false;
  std::unique_ptr<OwnershipWatch> watch_;
  std::thread thread_;
};

TEST_F(Watches, EachHearsEachChangeOnceAndInOrder) {
  Assign(kSerial, "org-acme");
  std::atomic<bool> over = false;
  std::thread poller([&] {
    while (!over) {
      Poll();
    }
  });
  {
    std::vector<std::unique_ptr<Listener>> listeners;
    for (const char* organization : {"org-acme", "org-other"}) {
      auto watch = watches_.Watch({}, Customer(organization), {});
      listeners.push_back(std::make_unique<Listener>(*std::move(watch)));
    }
    listeners.push_back(
        std::make_unique<Listener>(*watches_.Watch({}, kOperator, {})));
    // From one of the two to the other, so that both hear of each.
    for (int64_t version = 2; version < Listener::kLast; ++version) {
      Assign(kSerial, version % 2 == 0 ? "org-other" : "org-acme");
    }
  }
  over = true;
  poller.join();
}

}  // namespace
}  // namespace masa::issuance
