#include "services/verification/hot_keys.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "services/verification/test_signer.h"

namespace masa::verification {
namespace {

void Earn(HotKeys& keys, const std::string& spki_der, int times) {
  for (int i = 0; i < times; ++i) {
    keys.Earn(spki_der);
  }
}

void Ask(HotKeys& keys, const std::string& spki_der, int times) {
  for (int i = 0; i < times; ++i) {
    keys.Find(spki_der);
  }
}

TEST(HotKeys, MakesATableForTheKeyThatEarnedIt) {
  HotKeys keys({.tables = 4, .earned_after = 3});
  const TestSigner signer;
  const std::string spki = signer.SpkiDer();
  Ask(keys, spki, 10);
  Earn(keys, spki, 2);
  EXPECT_EQ(keys.Find(spki), nullptr);
  Earn(keys, TestSigner().SpkiDer(), 1);
  EXPECT_EQ(keys.Find(spki), nullptr);
  keys.Earn(spki);
  const auto key = keys.Find(spki);
  ASSERT_NE(key, nullptr);
  EXPECT_TRUE(key->Verifies("m", signer.Sign("m")));
  keys.Earn(spki);
  EXPECT_EQ(keys.Find(spki), key);
  EXPECT_EQ(keys.counts().hits(), 2);
  EXPECT_EQ(keys.counts().misses(), 12);
}

TEST(HotKeys, KeepsNoTableForKeysOfOtherKinds) {
  HotKeys keys({.tables = 1, .earned_after = 2});
  for (const std::string& spki :
       {TestSigner(NID_secp384r1).SpkiDer(), std::string("not a key"),
        std::string(10'000, 'x')}) {
    Earn(keys, spki, 8);
    EXPECT_EQ(keys.Find(spki), nullptr);
  }
  const std::string spki = TestSigner().SpkiDer();
  Earn(keys, spki, 2);
  EXPECT_NE(keys.Find(spki), nullptr) << "they took no room";
}

TEST(HotKeys, GivesUpTheTableThatIsIdle) {
  HotKeys keys({.tables = 2, .earned_after = 1, .idle_after = 10});
  const std::string idle = TestSigner().SpkiDer();
  const std::string busy = TestSigner().SpkiDer();
  const std::string late = TestSigner().SpkiDer();
  keys.Earn(idle);
  keys.Earn(busy);
  keys.Earn(late);
  EXPECT_EQ(keys.Find(late), nullptr) << "both were asked of late";
  const auto held = keys.Find(idle);
  Ask(keys, busy, 10);
  keys.Earn(late);
  EXPECT_NE(keys.Find(late), nullptr);
  EXPECT_NE(keys.Find(busy), nullptr);
  EXPECT_EQ(keys.Find(idle), nullptr);
  EXPECT_NE(held, nullptr) << "whoever uses a table keeps it";
}

TEST(HotKeys, MakesNoneWhereNoneMayBe) {
  HotKeys keys({.tables = 0, .earned_after = 1, .idle_after = 0});
  const std::string spki = TestSigner().SpkiDer();
  Earn(keys, spki, 5);
  EXPECT_EQ(keys.Find(spki), nullptr);
}

// More candidates than are counted: the flood delays, and is forgotten.
TEST(HotKeys, AFloodOfKeysSeenOnceEarnsNothing) {
  HotKeys keys({.tables = 4, .earned_after = 3});
  const std::string spki = TestSigner().SpkiDer();
  Earn(keys, spki, 2);
  for (int i = 0; i < 5000; ++i) {
    keys.Earn("stranger " + std::to_string(i));
  }
  keys.Earn(spki);
  EXPECT_EQ(keys.Find(spki), nullptr);
  Earn(keys, spki, 2);
  EXPECT_NE(keys.Find(spki), nullptr);
}

// Tables come and go under readers.
TEST(HotKeys, ServesManyThreads) {
  HotKeys keys({.tables = 2, .earned_after = 2, .idle_after = 4});
  const std::vector<TestSigner> signers(4);
  std::vector<std::string> spkis;
  std::vector<std::string> signatures;
  for (const TestSigner& signer : signers) {
    spkis.push_back(signer.SpkiDer());
    signatures.push_back(signer.Sign("m"));
  }
  std::atomic<int> wrong = 0;
  std::atomic<int> hot = 0;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 200; ++i) {
        const size_t which = (i / 20 + t) % signers.size();
        if (const auto key = keys.Find(spkis[which]); key != nullptr) {
          ++hot;
          wrong += !key->Verifies("m", signatures[which]);
          wrong += key->Verifies("n", signatures[which]);
        } else {
          keys.Earn(spkis[which]);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(hot, 0);
}

}  // namespace
}  // namespace masa::verification
