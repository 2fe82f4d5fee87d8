#include "services/ownership/transfer_states.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using storage::Transfer;
using storage::TransferState;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr TransferAct kAll[] = {TransferAct::kAccept, TransferAct::kReject,
                                TransferAct::kCancel, TransferAct::kExpire};

Transfer In(TransferState state) {
  Transfer transfer;
  transfer.state = state;
  transfer.expires_at = kNow + absl::Hours(1);
  return transfer;
}

constexpr Party kGiver = {true, false, false};
constexpr Party kReceiver = {false, true, false};
constexpr Party kOperator = {true, true, false};
constexpr Party kClock = {false, false, true};

TEST(NextState, AnOfferGoesWhereItsPartiesSay) {
  const struct {
    TransferAct act;
    Party party;
    absl::Duration from_now;
    TransferState to;
  } cases[] = {
      {TransferAct::kAccept, kReceiver, {}, TransferState::kAccepted},
      {TransferAct::kReject, kReceiver, {}, TransferState::kRejected},
      {TransferAct::kCancel, kGiver, {}, TransferState::kCancelled},
      {TransferAct::kAccept, kOperator, {}, TransferState::kAccepted},
      {TransferAct::kCancel, kOperator, {}, TransferState::kCancelled},
      {TransferAct::kReject, kReceiver, absl::Hours(2),
       TransferState::kRejected},
      {TransferAct::kCancel, kGiver, absl::Hours(2), TransferState::kCancelled},
      {TransferAct::kExpire, kClock, absl::Hours(1), TransferState::kExpired},
  };
  for (const auto& c : cases) {
    const auto to = NextState(In(TransferState::kOffered), c.act, c.party,
                              kNow + c.from_now);
    ASSERT_TRUE(to.ok()) << to.status();
    EXPECT_EQ(*to, c.to);
  }
}

TEST(NextState, NobodyActsForAnother) {
  const struct {
    TransferAct act;
    Party party;
  } cases[] = {{TransferAct::kAccept, kGiver},
               {TransferAct::kReject, kGiver},
               {TransferAct::kCancel, kReceiver},
               {TransferAct::kExpire, kOperator},
               {TransferAct::kAccept, kClock}};
  for (const auto& c : cases) {
    EXPECT_EQ(ReasonOf(NextState(In(TransferState::kOffered), c.act, c.party,
                                 kNow + absl::Hours(2))
                           .status()),
              Reason::kPermissionDenied);
  }
}

TEST(NextState, AnOfferIsAcceptedInTimeAndLapsesAfterwards) {
  const Transfer offered = In(TransferState::kOffered);
  EXPECT_EQ(ReasonOf(NextState(offered, TransferAct::kAccept, kReceiver,
                               offered.expires_at)
                         .status()),
            Reason::kTransferEnded);
  EXPECT_EQ(ReasonOf(NextState(offered, TransferAct::kExpire, kClock,
                               offered.expires_at - absl::Nanoseconds(1))
                         .status()),
            Reason::kTransferEnded);
}

TEST(NextState, WhatHasEndedStaysSo) {
  for (const TransferState state :
       {TransferState::kAccepted, TransferState::kRejected,
        TransferState::kCancelled, TransferState::kExpired}) {
    for (const TransferAct act : kAll) {
      EXPECT_EQ(
          ReasonOf(
              NextState(In(state), act, {true, true, true}, kNow).status()),
          Reason::kTransferEnded);
    }
  }
}

}  // namespace
}  // namespace masa::ownership
