#include "services/issuance/sequence_events.h"

#include <utility>

#include "services/issuance/test_sequencing.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using storage::LogEvent;

TEST_F(Sequencing, WhatWasCommittedIsInTheNextCheckpoint) {
  Write(3);
  const auto round = sequencer_->Run({});
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_TRUE(round->leads);
  EXPECT_EQ(round->events, 3);
  EXPECT_EQ(round->checkpoints, 1);
  ExpectWhole(3);
  Write(300);
  while (sequencer_->Run({})->is_behind) {
  }
  ExpectWhole(303);
  EXPECT_EQ(sequencer_->progress().at("acme").size, 303u);
  EXPECT_EQ(sequencer_->progress().at("acme").checkpoint_at, clock_.Now());
}

TEST_F(Sequencing, WithoutNewsThereIsNoNewCheckpoint) {
  Write(1);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  const auto round = sequencer_->Run({});
  EXPECT_EQ(round->events, 0);
  EXPECT_EQ(round->checkpoints, 0);
}

TEST_F(Sequencing, EachTenantHasALogOfItsOwn) {
  Write(2);
  Write(1, "bolt");
  Write(1, "");
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  EXPECT_EQ(Newest()->size, 2u);
  EXPECT_EQ(Newest("bolt")->size, 1u);
  EXPECT_EQ(Newest("bolt")->note.rfind("masa.example/audit/bolt\n", 0), 0u);
  EXPECT_EQ(Newest("")->note.rfind("masa.example/audit/_catalog\n", 0), 0u);
}

TEST_F(Sequencing, OneLeadsAndTheOtherTakesOverWhenItIsGone) {
  const auto other = NewSequencer("two");
  Write(2);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  Write(2);
  EXPECT_FALSE(other->Run({})->leads);
  EXPECT_EQ(Newest()->size, 2u);
  clock_.Advance(absl::Seconds(11));
  const auto round = other->Run({});
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_TRUE(round->leads);
  ExpectWhole(4);
  EXPECT_FALSE(sequencer_->Run({})->leads);
}

TEST_F(Sequencing, WhoResignsIsFollowedAtOnce) {
  const auto other = NewSequencer("two");
  ASSERT_TRUE(sequencer_->Run({})->leads);
  sequencer_->Resign({});
  clock_.Advance(absl::Microseconds(1));
  EXPECT_TRUE(other->Run({})->leads);
}

TEST_F(Sequencing, WhoLeadsAgainReadsWhatAnotherDid) {
  const auto other = NewSequencer("two");
  Write(2);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  clock_.Advance(absl::Seconds(11));
  Write(2);
  ASSERT_TRUE(RunOnce(*other).ok());
  clock_.Advance(absl::Seconds(11));
  Write(2);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  ExpectWhole(6);
}

// What waits of a log that does not hold is older, and more than one read
// brings.
TEST_F(Sequencing, ALogThatDoesNotHoldHoldsUpNoOther) {
  Write(3);
  Write(1, "bolt");
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  const storage::LogHead head = *log_.ReadHead({}, "acme");
  log_.Forge("acme", {head.size, std::string(32, 'x')}, {});
  Write(600);
  clock_.Advance(absl::Seconds(1));
  sequencer_ = NewSequencer("one");
  for (int size = 2; size < 5; ++size) {
    Write(1, "bolt");
    absl::StatusOr<SequencerRound> round;
    do {
      round = sequencer_->Run({});
      ASSERT_TRUE(round.ok()) << round.status();
      EXPECT_EQ(ReasonOf(round->failed), Reason::kMisconfigured);
    } while (round->is_behind);
    EXPECT_EQ(Newest("bolt")->size, static_cast<uint64_t>(size));
    clock_.Advance(absl::Milliseconds(250));
  }
  EXPECT_EQ(Newest()->size, 3u);

  log_.Forge("acme", head, {});
  clock_.Advance(absl::Seconds(2));
  while (sequencer_->Run({})->is_behind) {
  }
  ExpectWhole(603);
}

// One that was never begun is named in no list of logs.
TEST_F(Sequencing, ALogThatDoesNotHoldIsToldInEachRound) {
  mirror_.files_[{kOrigin, "checkpoint"}] = "of another key";
  Write(1);
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(ReasonOf(RunOnce(*sequencer_)), Reason::kMisconfigured) << round;
    clock_.Advance(absl::Milliseconds(250));
  }
  mirror_.files_.clear();
  clock_.Advance(absl::Seconds(2));
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  ExpectWhole(1);
}

// Where nothing goes on there is no haste.
TEST_F(Sequencing, ARoundThatTookNothingIsNotBehind) {
  Write(1);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  Write(300);
  log_.FailOnce(1, false);  // the append, after the read
  const auto round = sequencer_->Run({});
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_EQ(ReasonOf(round->failed), Reason::kStoreUnavailable);
  EXPECT_FALSE(round->is_behind);
  EXPECT_TRUE(sequencer_->Run({})->is_behind);
}

// The store fails at every call in turn, once before and once after it has done
// what it was asked: as a process does that is killed there.
TEST_F(Sequencing, AFailureAnywhereLosesNothingAndDoublesNothing) {
  size_t written = 0;
  int failures = 0;
  for (const bool is_stored : {false, true}) {
    for (int calls = 0; calls < 14; ++calls) {
      Write(5);
      written += 5;
      clock_.Advance(kMirrorEvery);
      log_.FailOnce(calls, is_stored);
      const bool is_done = RunOnce(*sequencer_).ok();
      log_.FailOnce(-1, false);
      failures += is_done ? 0 : 1;
      // Half of the time it starts anew.
      sequencer_ = calls % 2 == 0 ? NewSequencer("one") : std::move(sequencer_);
      const absl::Status round = RunOnce(*sequencer_);
      ASSERT_TRUE(round.ok()) << round;
      ExpectWhole(written);
    }
  }
  EXPECT_GT(failures, 10);
}

}  // namespace
}  // namespace masa::issuance
