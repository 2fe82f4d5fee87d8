#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/signing/guard/guarded_signer.h"
#include "services/signing/local_signer.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"

namespace masa::signing {
namespace {

using ::testing::HasSubstr;

const absl::Time kMorning = absl::FromCivil(
    absl::CivilSecond(2026, 11, 26, 6, 0, 0), absl::UTCTimeZone());

class BudgetFolderTest : public ::testing::Test {
 protected:
  BudgetFolderTest() {
    std::string name = ::testing::TempDir() + "/budget.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~BudgetFolderTest() override { std::filesystem::remove_all(path_); }

  std::unique_ptr<BudgetFolder> Open() {
    auto folder = BudgetFolder::Open(path_);
    EXPECT_TRUE(folder.ok()) << folder.status();
    return folder.ok() ? *std::move(folder) : nullptr;
  }
  std::string FileOf(const std::string& key) {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == ".budget") {
        return entry.path();
      }
    }
    ADD_FAILURE() << "no file of " << key;
    return "";
  }

  std::string path_;
};

TEST_F(BudgetFolderTest, KeepsWhatWasSpentOverRestarts) {
  {
    const auto folder = Open();
    EXPECT_EQ(folder->Read("../a key")->signatures, 0);
    EXPECT_TRUE(folder->Write("../a key", {20'000, 7}).ok());
    EXPECT_TRUE(folder->Write("../a key", {20'001, 9}).ok());
  }
  const auto folder = Open();
  EXPECT_EQ(folder->Read("../a key")->day, 20'001);
  EXPECT_EQ(folder->Read("../a key")->signatures, 9);
  EXPECT_EQ(folder->Read("another")->signatures, 0);
}

TEST_F(BudgetFolderTest, BelongsToOneProcess) {
  const auto folder = Open();
  const auto second = BudgetFolder::Open(path_);
  EXPECT_EQ(ReasonOf(second.status()), Reason::kMisconfigured);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("another signer has this folder"));
  EXPECT_EQ(ReasonOf(BudgetFolder::Open(path_ + "/nowhere").status()),
            Reason::kMisconfigured);
}

TEST_F(BudgetFolderTest, AFileThatWasTamperedWithIsNoNewBudget) {
  const auto folder = Open();
  EXPECT_TRUE(folder->Write("k", {20'000, 7}).ok());
  for (const char* text : {"", "20000", "20000 many", "20000 7 8",
                           "99999999999999999999999999999999999999999999 1"}) {
    std::ofstream(FileOf("k")) << text;
    EXPECT_EQ(ReasonOf(folder->Read("k").status()), Reason::kMisconfigured)
        << text;
    EXPECT_FALSE(KeyBudget::New("k", {0, 10}, folder.get()).ok());
  }
}

TEST_F(BudgetFolderTest, SaysWhenItCannotWrite) {
  const auto folder = Open();
  std::filesystem::remove_all(path_);
  EXPECT_EQ(ReasonOf(folder->Write("k", {20'000, 7})),
            Reason::kSignerUnavailable);
}

// In memory, and broken when a test says so.
class FakeStore final : public BudgetStore {
 public:
  absl::StatusOr<SpentBudget> Read(const std::string&) override {
    return spent;
  }
  absl::Status Write(const std::string&, const SpentBudget& next) override {
    if (broken) {
      return Refuse(Reason::kSignerUnavailable, "full");
    }
    spent = next;
    ++writes;
    return absl::OkStatus();
  }
  SpentBudget spent;
  bool broken = false;
  int writes = 0;
};

TEST(KeyBudget, EndsWithTheDayAndBeginsWithTheNext) {
  FakeStore store;
  const auto budget = *KeyBudget::New("k", {0, 2'500}, &store);
  EXPECT_EQ(*budget->Take(2'000, kMorning), 2'000);
  EXPECT_EQ(*budget->Take(2'000, kMorning), 500);
  EXPECT_EQ(ReasonOf(budget->Take(1, kMorning).status()),
            Reason::kQuotaExceeded);
  EXPECT_EQ(*budget->Take(1, kMorning + absl::Hours(18)), 1);
  // A clock that goes back gives nothing twice.
  EXPECT_EQ(*budget->Take(2'499, kMorning), 2'499);
  EXPECT_EQ(ReasonOf(budget->Take(1, kMorning).status()),
            Reason::kQuotaExceeded);
}

TEST(KeyBudget, IsWrittenBeforeItIsGivenOutAndRarely) {
  FakeStore store;
  auto budget = *KeyBudget::New("k", {0, 10'000}, &store);
  for (int i = 0; i < 1'500; ++i) {
    EXPECT_EQ(*budget->Take(1, kMorning), 1);
    EXPECT_GE(store.spent.signatures, static_cast<uint64_t>(i) + 1);
  }
  EXPECT_EQ(store.writes, 2);
  // Another process goes on where this one might have been.
  budget = *KeyBudget::New("k", {0, 2'100}, &store);
  EXPECT_EQ(*budget->Take(500, kMorning), 100);
}

TEST(KeyBudget, FailsClosed) {
  FakeStore store;
  const auto budget = *KeyBudget::New("k", {0, 10'000}, &store);
  EXPECT_EQ(*budget->Take(1'000, kMorning), 1'000);
  store.broken = true;
  EXPECT_EQ(ReasonOf(budget->Take(1, kMorning).status()),
            Reason::kSignerUnavailable);
  store.broken = false;
  EXPECT_EQ(*budget->Take(1, kMorning), 1);
}

TEST(KeyBudget, HasARateAsWell) {
  FakeStore store;
  const auto budget = *KeyBudget::New("k", {10, 0}, &store);
  EXPECT_EQ(*budget->Take(25, kMorning), 10);
  EXPECT_EQ(ReasonOf(budget->Take(1, kMorning).status()), Reason::kOverloaded);
  EXPECT_EQ(*budget->Take(25, kMorning + absl::Milliseconds(500)), 5);
  EXPECT_EQ(*budget->Take(25, kMorning + absl::Hours(1)), 10);
  EXPECT_EQ(store.writes, 0);
}

TEST(StoppedKeys, AreReadAgainAndFailClosed) {
  absl::StatusOr<std::string> text = "# none yet\n\n";
  int reads = 0;
  StoppedKeys stopped([&] {
    ++reads;
    return text;
  });
  EXPECT_TRUE(stopped.Check("k", kMorning).ok());
  text = "  k  # since the theft\nother\n";
  EXPECT_TRUE(stopped.Check("k", kMorning + absl::Milliseconds(900)).ok());
  EXPECT_EQ(reads, 1);
  const absl::Status status = stopped.Check("k", kMorning + absl::Seconds(1));
  EXPECT_EQ(ReasonOf(status), Reason::kSignerUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("k is stopped"));
  EXPECT_TRUE(stopped.Check("kk", kMorning + absl::Seconds(1)).ok());
  text = absl::NotFoundError("gone");
  EXPECT_EQ(ReasonOf(stopped.Check("kk", kMorning + absl::Seconds(3))),
            Reason::kSignerUnavailable);
}

TEST(StoppedKeys, EachNameIsToldOfWhenItComes) {
  std::string text = "k\n";
  std::vector<std::string> listed;
  StoppedKeys stopped([&] { return text; },
                      [&](const std::string& name) { listed.push_back(name); });
  EXPECT_FALSE(stopped.Check("k", kMorning).ok());
  text = "k\nother\nkk # twice\nkk\n";
  EXPECT_TRUE(stopped.Check("x", kMorning + absl::Seconds(1)).ok());
  EXPECT_TRUE(stopped.Check("x", kMorning + absl::Seconds(2)).ok());
  EXPECT_THAT(listed, ::testing::ElementsAre("k", "kk", "other"));
}

std::vector<ToBeSigned> Items(int count, absl::Time created_on = kMorning) {
  std::vector<ToBeSigned> items;
  wire::Voucher voucher = NoncedVoucher();
  voucher.created_on = created_on;
  for (int i = 0; i < count; ++i) {
    items.push_back(Prepare(voucher, voucher, kP256));
  }
  return items;
}

// OP-13: an authority that was captured gets no more than the key's share.
TEST(GuardedSigner, SignsUpToTheBudgetAndRefusesTheRest) {
  const auto local = LocalSigner::New({SourceOf(Make(KeyKind::kP256))});
  ASSERT_TRUE(local.ok()) << local.status();
  FakeStore store;
  const testing::FakeClock clock(kMorning);
  std::map<std::string, std::unique_ptr<KeyBudget>> budgets;
  budgets["k"] = *KeyBudget::New("k", {0, 3}, &store);
  GuardedSigner signer(**local, clock, nullptr, std::move(budgets));
  const auto signatures = signer.Sign({}, "k", Items(5));
  ASSERT_EQ(signatures.size(), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(signatures[i].ok(), i < 3) << i;
  }
  EXPECT_EQ(ReasonOf(signer.Sign({}, "k", Items(2))[1].status()),
            Reason::kQuotaExceeded);
}

// An authority that was captured makes no vouchers for the time after it.
TEST(GuardedSigner, SignsVouchersOfItsOwnDayAlone) {
  LocalKeySource source = SourceOf(Make(KeyKind::kP256));
  source.key.kinds.push_back(Kind::kTest);
  const auto local = LocalSigner::New({source});
  ASSERT_TRUE(local.ok()) << local.status();
  const testing::FakeClock clock(kMorning);
  GuardedSigner signer(**local, clock, nullptr, {});
  const struct {
    absl::Duration away;
    bool signs;
  } rows[] = {{absl::Hours(24), true},
              {-absl::Hours(24), true},
              {absl::Hours(24) + absl::Seconds(1), false},
              {-absl::Hours(24) - absl::Seconds(1), false},
              {absl::Hours(24 * 365 * 50), false}};
  for (const auto& row : rows) {
    const auto signature =
        signer.Sign({}, "k", Items(1, kMorning + row.away))[0];
    EXPECT_EQ(signature.ok(), row.signs) << row.away;
    if (!row.signs) {
      EXPECT_EQ(ReasonOf(signature.status()), Reason::kKeyNotForThis);
    }
  }
  std::vector<ToBeSigned> test;
  test.push_back(ToBeSigned::Test("MASA test of a signing key\n1"));
  EXPECT_TRUE(signer.Sign({}, "k", test)[0].ok()) << "it has no time";
}

// OP-11: one key is stopped at once, the others sign.
TEST(GuardedSigner, AStoppedKeySignsNothingAndOthersDo) {
  LocalKeySource other = SourceOf(Make(KeyKind::kP256));
  other.key.name = "other";
  const auto local = LocalSigner::New({SourceOf(Make(KeyKind::kP256)), other});
  ASSERT_TRUE(local.ok()) << local.status();
  const testing::FakeClock clock(kMorning);
  StoppedKeys stopped([] { return std::string("k"); });
  GuardedSigner signer(**local, clock, &stopped, {});
  EXPECT_EQ(ReasonOf(signer.Sign({}, "k", Items(1))[0].status()),
            Reason::kSignerUnavailable);
  EXPECT_TRUE(signer.Sign({}, "other", Items(1))[0].ok());
  EXPECT_TRUE(signer.Describe({}, "k").ok());
}

// What is said of a key is said of all its versions, which are asked for by
// names of their own.
TEST(GuardedSigner, VersionsShareTheirKeysBudgetAndItsStop) {
  LocalKeySource version = SourceOf(Make(KeyKind::kP256));
  version.key.name = "k@1";
  const auto local =
      LocalSigner::New({SourceOf(Make(KeyKind::kP256)), version});
  ASSERT_TRUE(local.ok()) << local.status();
  FakeStore store;
  const testing::FakeClock clock(kMorning);
  std::map<std::string, std::unique_ptr<KeyBudget>> budgets;
  budgets["k"] = *KeyBudget::New("k", {0, 3}, &store);
  GuardedSigner signer(**local, clock, nullptr, std::move(budgets));
  EXPECT_TRUE(signer.Sign({}, "k", Items(2))[1].ok());
  EXPECT_TRUE(signer.Sign({}, "k@1", Items(1))[0].ok());
  EXPECT_EQ(ReasonOf(signer.Sign({}, "k@1", Items(1))[0].status()),
            Reason::kQuotaExceeded);
  const struct {
    const char* stopped;
    bool key_signs;
    bool version_signs;
  } rows[] = {{"k", false, false}, {"k@1", true, false}, {"k@2", true, true}};
  for (const auto& row : rows) {
    StoppedKeys stopped([&row] { return std::string(row.stopped); });
    GuardedSigner guarded(**local, clock, &stopped, {});
    EXPECT_EQ(guarded.Sign({}, "k", Items(1))[0].ok(), row.key_signs)
        << row.stopped;
    EXPECT_EQ(guarded.Sign({}, "k@1", Items(1))[0].ok(), row.version_signs)
        << row.stopped;
  }
}

}  // namespace
}  // namespace masa::signing
