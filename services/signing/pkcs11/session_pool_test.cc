// Every recovery, shown with a module that misbehaves on purpose.
#include "services/signing/pkcs11/session_pool.h"

#include <functional>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/evp.h"
#include "services/signing/pkcs11/test_events.h"
#include "services/signing/pkcs11/test_misbehaviour.h"
#include "services/signing/pkcs11/test_soft_hsm.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One or two tokens with one key, and a pool on them.
class SessionPoolTest : public ::testing::Test {
 protected:
  // `misbehave` before the first call.
  void Start(
      int tokens, int sessions = 2,
      const std::function<void(Misbehaviour&)>& misbehave = [](auto&) {}) {
    const char* const labels[] = {"one", "two"};
    for (int i = 0; i < tokens; ++i) {
      hsm_.AddToken(labels[i]);
      hsm_.AddKey(labels[i], identity_, "k");
      options_.tokens.push_back({labels[i], "1234", sessions});
    }
    Open(misbehave);
  }

  void Open(const std::function<void(Misbehaviour&)>& misbehave = [](auto&) {
  }) {
    auto module = Pkcs11Module::Load(kMisbehavingModule);
    ASSERT_TRUE(module.ok()) << module.status();
    misbehaviour_ = GetMisbehaviour();
    ASSERT_NE(misbehaviour_, nullptr);
    misbehave(*misbehaviour_);
    options_.keys = {{"k", ""}};
    options_.least_pause = absl::Milliseconds(1);
    options_.most_pause = absl::Milliseconds(20);
    pool_ = std::make_unique<SessionPool>(*std::move(module), options_, heard_);
  }

  absl::StatusOr<std::string> SignOne(char first = 'd') {
    return SignMany(1, first).front();
  }
  std::vector<absl::StatusOr<std::string>> SignMany(int count,
                                                    char first = 'd') {
    return pool_->Sign(absl::InfiniteFuture(), 0, CKM_ECDSA,
                       std::vector<std::string>(count, std::string(32, first)));
  }

  bool IsGood(const absl::StatusOr<std::string>& signature, char first = 'd') {
    if (!signature.ok() || signature->size() != 64) {
      return false;
    }
    const auto* const octets =
        reinterpret_cast<const uint8_t*>(signature->data());
    const bssl::UniquePtr<ECDSA_SIG> numbers(ECDSA_SIG_new());
    ECDSA_SIG_set0(numbers.get(), BN_bin2bn(octets, 32, nullptr),
                   BN_bin2bn(octets + 32, 32, nullptr));
    const std::string digest(32, first);
    return ECDSA_do_verify(reinterpret_cast<const uint8_t*>(digest.data()), 32,
                           numbers.get(),
                           EVP_PKEY_get0_EC_KEY(identity_.key.get())) == 1;
  }

  SoftHsm hsm_;
  Heard heard_;
  SessionPoolOptions options_;
  const Identity identity_ = Make(KeyKind::kP256);
  Misbehaviour* misbehaviour_ = nullptr;
  std::unique_ptr<SessionPool> pool_;
};

TEST_F(SessionPoolTest, LogsInOnceAndKeepsItsSessions) {
  Start(1, 4);
  for (int i = 0; i < 5; ++i) {
    for (const auto& signature : SignMany(20)) {
      EXPECT_TRUE(IsGood(signature)) << signature.status();
    }
  }
  EXPECT_EQ(misbehaviour_->logins, 1);
  // One keeps the login.
  EXPECT_LE(misbehaviour_->sessions_opened, 5);
  EXPECT_THAT(heard_.lines(), IsEmpty());
  EXPECT_EQ(heard_.waits().size(), 100u);
  const PoolLoad load = pool_->Load();
  EXPECT_EQ(load.waiting, 0u);
  ASSERT_EQ(load.tokens.size(), 1u);
  EXPECT_EQ(load.tokens[0].idle, 4);
  EXPECT_EQ(load.tokens[0].busy + load.tokens[0].lost + load.tokens[0].closed,
            0);
}

// Each answer that a new session or a new login mends costs a retry, and no
// signature.
TEST_F(SessionPoolTest, AnswersThatCanBeMendedCostNoSignature) {
  Start(1);
  for (const CK_RV failure :
       {CKR_DEVICE_ERROR, CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,
        CKR_TOKEN_NOT_PRESENT, CKR_USER_NOT_LOGGED_IN, CKR_GENERAL_ERROR,
        CKR_KEY_HANDLE_INVALID, CKR_DEVICE_REMOVED, CK_RV{0x80000042}}) {
    misbehaviour_->failure = failure;
    misbehaviour_->sign_failures = 2;
    for (const auto& signature : SignMany(10)) {
      EXPECT_TRUE(IsGood(signature)) << failure << signature.status();
    }
  }
  EXPECT_THAT(heard_.lines(), IsEmpty());
}

// What was asked is wrong: no other session would answer better.
TEST_F(SessionPoolTest, AnswersThatCannotBeMendedAreNotAskedForAgain) {
  Start(1);
  misbehaviour_->failure = CKR_DATA_LEN_RANGE;
  misbehaviour_->sign_failures = 1;
  const auto signature = SignOne();
  EXPECT_EQ(ReasonOf(signature.status()), Reason::kSignerUnavailable);
  EXPECT_THAT(std::string(signature.status().message()),
              HasSubstr("CKR_DATA_LEN_RANGE"));
  EXPECT_EQ(misbehaviour_->logins, 1);
  EXPECT_TRUE(IsGood(SignOne()));
}

// All sessions are gone at once, as after a restart of the HSM's daemon.
TEST_F(SessionPoolTest, ARestartedDaemonIsFoundAgain) {
  Start(1, 4);
  EXPECT_TRUE(IsGood(SignOne()));
  misbehaviour_->failure = CKR_DEVICE_ERROR;
  misbehaviour_->gone = true;
  EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  heard_.WaitFor("went one: CKR_DEVICE_ERROR");
  EXPECT_TRUE(pool_->IsBroken());
  // Told once, however long it lasts; refused at once meanwhile.
  EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  misbehaviour_->gone = false;
  heard_.WaitFor("came one");
  EXPECT_FALSE(pool_->IsBroken());
  for (const auto& signature : SignMany(20)) {
    EXPECT_TRUE(IsGood(signature)) << signature.status();
  }
  EXPECT_THAT(heard_.lines(),
              ElementsAre("went one: CKR_DEVICE_ERROR", "came one"));
  EXPECT_GT(misbehaviour_->initialisations, 0);
}

TEST_F(SessionPoolTest, TheOtherTokenSignsWhileOneIsAway) {
  Start(2);
  misbehaviour_->only_token = "one";
  misbehaviour_->failure = CKR_TOKEN_NOT_PRESENT;
  misbehaviour_->sign_failures = 1'000'000;
  misbehaviour_->login_failures = 1'000'000;
  for (const auto& signature : SignMany(50)) {
    EXPECT_TRUE(IsGood(signature)) << signature.status();
  }
  EXPECT_FALSE(pool_->IsBroken());
  misbehaviour_->sign_failures = 0;
  misbehaviour_->login_failures = 0;
  for (const auto& signature : SignMany(50)) {
    EXPECT_TRUE(IsGood(signature)) << signature.status();
  }
}

// It opens each time and fails each call: what it had goes to the other, not
// to it again and again until the last try.
TEST_F(SessionPoolTest, ATokenThatOpensAndThenFailsTakesNothingDown) {
  hsm_.AddToken("one");
  hsm_.AddKey("one", identity_, "k");
  hsm_.AddToken("two");
  hsm_.AddKey("two", identity_, "k");
  // The good one is slow and has little to give.
  options_.tokens = {{"one", "1234", 8}, {"two", "1234", 1}};
  Open();
  misbehaviour_->only_token = "one";
  misbehaviour_->failure = CKR_FUNCTION_FAILED;
  misbehaviour_->sign_failures = 1'000'000;
  misbehaviour_->sign_microseconds = 3'000;
  for (const auto& signature : SignMany(60)) {
    EXPECT_TRUE(IsGood(signature)) << signature.status();
  }
}

// A wrong PIN is tried once: tries lock a token for good.
TEST_F(SessionPoolTest, AWrongPinIsNotTriedAgain) {
  hsm_.AddToken("one");
  hsm_.AddKey("one", identity_, "k");
  options_.tokens.push_back({"one", "9999", 4});
  Open();
  EXPECT_THAT(heard_.lines(),
              ElementsAre("went one: CKR_PIN_INCORRECT, for ever"));
  EXPECT_TRUE(pool_->IsBroken());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  }
  EXPECT_EQ(misbehaviour_->logins, 1);
  EXPECT_EQ(pool_->Report()[0].why, "CKR_PIN_INCORRECT");
}

TEST_F(SessionPoolTest, ATokenThatIsNotThereIsSaidAndTheOtherUsed) {
  hsm_.AddToken("two");
  hsm_.AddKey("two", identity_, "k");
  options_.tokens = {{"one", "1234", 2}, {"two", "1234", 2}};
  Open();
  const std::vector<TokenReport> report = pool_->Report();
  EXPECT_FALSE(report[0].open);
  EXPECT_EQ(report[0].why, "CKR_TOKEN_NOT_PRESENT");
  EXPECT_TRUE(report[1].open);
  EXPECT_TRUE(IsGood(SignOne()));
  EXPECT_EQ(pool_->Load().tokens[0].closed, 2);
  EXPECT_EQ(pool_->Load().tokens[1].idle, 2);
}

// A call that never comes back holds up its own caller for a while, and no
// process: neither others' calls nor its end.
TEST_F(SessionPoolTest, ACallThatHangsIsGivenUp) {
  options_.longest_call = absl::Milliseconds(300);
  Start(1, 2);
  misbehaviour_->hanging_calls = 1;
  EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  EXPECT_TRUE(IsGood(SignOne()));
  misbehaviour_->hanging_calls = 1;
  EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  heard_.WaitFor("went one: all of its sessions hang");
  EXPECT_TRUE(pool_->IsBroken());
  EXPECT_EQ(pool_->Load().tokens[0].lost, 2);
  misbehaviour_->LetGo();
  heard_.WaitFor("came one");
  EXPECT_TRUE(IsGood(SignOne()));
}

// What waits behind it is not kept for as long as it would wait for an answer.
TEST_F(SessionPoolTest, WhatWaitsForATokenThatHangsFailsWithIt) {
  options_.longest_call = absl::Milliseconds(300);
  Start(1, 1);
  misbehaviour_->hanging_calls = 1;
  const auto signatures = SignMany(2);
  EXPECT_THAT(std::string(signatures[0].status().message()),
              HasSubstr("does not come back from a call"));
  EXPECT_THAT(std::string(signatures[1].status().message()),
              HasSubstr("went away"));
  misbehaviour_->LetGo();
}

TEST_F(SessionPoolTest, AHangingTokensWorkGoesToTheOther) {
  options_.longest_call = absl::Milliseconds(300);
  Start(2, 1);
  misbehaviour_->only_token = "one";
  misbehaviour_->hanging_calls = 1;
  for (const auto& signature : SignMany(20)) {
    EXPECT_TRUE(IsGood(signature)) << signature.status();
  }
  misbehaviour_->LetGo();
}

// Neither at the start nor later does one token wait for another's login.
TEST_F(SessionPoolTest, ALoginThatHangsAtTheStartKeepsNoOtherTokenClosed) {
  options_.longest_call = absl::Milliseconds(300);
  Start(2, 1, [](Misbehaviour& misbehaviour) {
    misbehaviour.only_token = "one";
    misbehaviour.hanging_logins = 1;
  });
  const std::vector<TokenReport> report = pool_->Report();
  EXPECT_FALSE(report[0].open);
  EXPECT_THAT(report[0].why, HasSubstr("does not come back"));
  EXPECT_TRUE(report[1].open);
  EXPECT_TRUE(IsGood(SignOne()));
  EXPECT_THAT(heard_.lines(),
              ElementsAre("went one: it does not come back from being opened"));
  misbehaviour_->LetGo();
  heard_.WaitFor("came one");
  EXPECT_EQ(misbehaviour_->logins, 2);
}

TEST_F(SessionPoolTest, ATokenIsOpenedAgainWhileTheOthersLoginHangs) {
  options_.longest_call = absl::Milliseconds(300);
  Start(2, 1);
  misbehaviour_->only_token = "one";
  misbehaviour_->sign_failures = 1;
  misbehaviour_->hanging_logins = 1;
  while (misbehaviour_->hanging_logins > 0) {
    EXPECT_TRUE(IsGood(SignOne()));
  }
  misbehaviour_->WaitForHanging(1);
  misbehaviour_->only_token = "two";
  misbehaviour_->sign_failures = 1;
  EXPECT_TRUE(IsGood(SignOne()));
  EXPECT_EQ(misbehaviour_->logins, 4);
  EXPECT_EQ(misbehaviour_->initialisations, 0);
  misbehaviour_->LetGo();
  heard_.WaitFor("came one");
}

// Both fail at once, and one of them begins the module anew.
TEST_F(SessionPoolTest, TokensOfARestartedDaemonAreFoundAgain) {
  Start(2);
  misbehaviour_->gone = true;
  EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  heard_.WaitForLines(2);
  EXPECT_TRUE(pool_->IsBroken());
  misbehaviour_->gone = false;
  heard_.WaitForLines(4);
  for (const auto& signature : SignMany(20)) {
    EXPECT_TRUE(IsGood(signature)) << signature.status();
  }
  EXPECT_GT(misbehaviour_->initialisations, 0);
}

TEST_F(SessionPoolTest, EndsAlthoughACallHangs) {
  options_.longest_call = absl::Milliseconds(300);
  Start(1, 2);
  misbehaviour_->hanging_calls = 1;
  EXPECT_EQ(ReasonOf(SignOne().status()), Reason::kSignerUnavailable);
  pool_.reset();
  misbehaviour_->LetGo();
}

TEST_F(SessionPoolTest, MoreThanMayWaitIsRefused) {
  options_.most_waiting = 3;
  Start(1);
  EXPECT_EQ(ReasonOf(SignMany(4)[0].status()), Reason::kOverloaded);
  EXPECT_TRUE(IsGood(SignMany(3)[2]));
}

TEST_F(SessionPoolTest, ManyCallersAtOnceEachGetTheirOwn) {
  Start(2, 4);
  misbehaviour_->failure = CKR_SESSION_CLOSED;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this, i] {
      const char first = static_cast<char>('a' + i);
      for (int k = 0; k < 10; ++k) {
        if (i == 0) {
          misbehaviour_->sign_failures = 1;
        }
        for (const auto& signature : SignMany(7, first)) {
          EXPECT_TRUE(IsGood(signature, first)) << signature.status();
        }
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
}

}  // namespace
}  // namespace masa::signing
