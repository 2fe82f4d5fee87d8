#include "services/signing/pkcs11/token_state.h"

#include "gtest/gtest.h"

namespace masa::signing {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);
constexpr absl::Duration kMoment = absl::Milliseconds(1);

TokenState NewState(int sessions = 2) {
  return TokenState(sessions, {absl::Seconds(1), absl::Seconds(4)});
}

TEST(TokenState, IsOpenedByOneAndSaysNothingNewWhenItOpens) {
  TokenState state = NewState();
  EXPECT_TRUE(state.IsToBeOpened(kNow));
  state.Opening(kNow);
  EXPECT_FALSE(state.IsToBeOpened(kNow));
  EXPECT_FALSE(state.Opened({}));
  EXPECT_TRUE(state.IsOpen());
  EXPECT_FALSE(state.IsBroken());
}

// Once is enough for the log; the pauses grow up to the longest.
TEST(TokenState, TellsOnceThatItWentAndWaitsLongerEachTime) {
  TokenState state = NewState();
  absl::Time now = kNow;
  const int pauses[] = {1, 2, 4, 4};
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(state.IsToBeOpened(now));
    EXPECT_EQ(state.OpenFailed(CKR_DEVICE_ERROR, now), i == 0);
    EXPECT_TRUE(state.IsBroken());
    EXPECT_FALSE(state.IsToBeOpened(now + absl::Seconds(pauses[i]) - kMoment));
    now += absl::Seconds(pauses[i]);
  }
  EXPECT_TRUE(state.Opened({}));
  EXPECT_FALSE(state.IsBroken());
}

TEST(TokenState, ALostLoginIsMendedAtOnceTheFirstTime) {
  TokenState state = NewState();
  state.Opened({});
  state.CallFailed(1, CKR_USER_NOT_LOGGED_IN, kNow);
  EXPECT_FALSE(state.IsOpen());
  EXPECT_FALSE(state.IsBroken());
  EXPECT_TRUE(state.IsToBeOpened(kNow));
  state.Opened({});
  state.CallFailed(2, CKR_USER_NOT_LOGGED_IN, kNow);
  EXPECT_FALSE(state.IsToBeOpened(kNow));
  EXPECT_TRUE(state.IsToBeOpened(kNow + absl::Seconds(1)));
  state.Opened({});
  state.CallWorked();
  state.CallFailed(3, CKR_USER_NOT_LOGGED_IN, kNow);
  EXPECT_TRUE(state.IsToBeOpened(kNow));
}

TEST(TokenState, CallsOfAnEarlierLifeSayNothing) {
  TokenState state = NewState();
  state.Opened({});
  state.Opened({});
  state.CallFailed(1, CKR_DEVICE_ERROR, kNow);
  EXPECT_TRUE(state.IsOpen());
}

TEST(TokenState, ARefusedPinIsFinal) {
  for (const CK_RV value : {CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_PIN_EXPIRED,
                            CKR_PIN_LEN_RANGE}) {
    TokenState state = NewState();
    EXPECT_TRUE(state.OpenFailed(value, kNow));
    EXPECT_TRUE(state.IsRefused());
    EXPECT_FALSE(state.IsToBeOpened(absl::InfiniteFuture()));
  }
}

TEST(TokenState, IsBrokenWhenAllItsSessionsHang) {
  TokenState state = NewState(2);
  state.Opened({});
  EXPECT_FALSE(state.SessionLost(kNow));
  EXPECT_TRUE(state.IsOpen());
  EXPECT_TRUE(state.SessionLost(kNow));
  EXPECT_TRUE(state.IsBroken());
  state.SessionFound();
  EXPECT_TRUE(state.IsToBeOpened(kNow + absl::Seconds(4)));
  EXPECT_TRUE(state.Opened({}));
}

// Told once; and nobody else tries it as long as it hangs.
TEST(TokenState, IsBrokenWhenItsOpeningHangs) {
  TokenState state = NewState();
  state.Opening(kNow);
  const absl::Duration longest = absl::Seconds(3);
  EXPECT_FALSE(state.OpenHangs(kNow + longest - kMoment, longest));
  EXPECT_FALSE(state.IsSeen());
  EXPECT_TRUE(state.OpenHangs(kNow + longest, longest));
  EXPECT_TRUE(state.IsSeen());
  EXPECT_TRUE(state.IsBroken());
  EXPECT_FALSE(state.OpenHangs(kNow + 2 * longest, longest));
  EXPECT_FALSE(state.IsToBeOpened(absl::InfiniteFuture()));
  EXPECT_TRUE(state.Opened({}));
  EXPECT_FALSE(state.IsBroken());
}

}  // namespace
}  // namespace masa::signing
