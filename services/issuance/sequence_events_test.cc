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
  ASSERT_TRUE(sequencer_->Run({}).ok());
  const auto round = sequencer_->Run({});
  EXPECT_EQ(round->events, 0);
  EXPECT_EQ(round->checkpoints, 0);
}

TEST_F(Sequencing, EachTenantHasALogOfItsOwn) {
  Write(2);
  Write(1, "bolt");
  Write(1, "");
  ASSERT_TRUE(sequencer_->Run({}).ok());
  EXPECT_EQ(Newest()->size, 2u);
  EXPECT_EQ(Newest("bolt")->size, 1u);
  EXPECT_EQ(Newest("bolt")->note.rfind("masa.example/audit/bolt\n", 0), 0u);
  EXPECT_EQ(Newest("")->note.rfind("masa.example/audit/_catalog\n", 0), 0u);
}

TEST_F(Sequencing, OneLeadsAndTheOtherTakesOverWhenItIsGone) {
  const auto other = NewSequencer("two");
  Write(2);
  ASSERT_TRUE(sequencer_->Run({}).ok());
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
  ASSERT_TRUE(sequencer_->Run({}).ok());
  clock_.Advance(absl::Seconds(11));
  Write(2);
  ASSERT_TRUE(other->Run({}).ok());
  clock_.Advance(absl::Seconds(11));
  Write(2);
  ASSERT_TRUE(sequencer_->Run({}).ok());
  ExpectWhole(6);
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
      const bool is_done = sequencer_->Run({}).ok();
      log_.FailOnce(-1, false);
      failures += is_done ? 0 : 1;
      // Half of the time it starts anew.
      sequencer_ = calls % 2 == 0 ? NewSequencer("one") : std::move(sequencer_);
      const auto round = sequencer_->Run({});
      ASSERT_TRUE(round.ok()) << round.status();
      ExpectWhole(written);
    }
  }
  EXPECT_GT(failures, 10);
}

}  // namespace
}  // namespace masa::issuance
