// The log outside the database: what is there, how often, and what happens when
// the database has fallen behind it.
#include "services/issuance/mirror_log.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/guard_logs.h"
#include "services/issuance/test_sequencing.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using storage::LogEvent;

TEST_F(Sequencing, AMirrorThatFailsIsCaughtUpWithLater) {
  for (int writes = 0; writes < 4; ++writes) {
    Write(200);
    mirror_.writes_left_ = writes;
    EXPECT_FALSE(RunOnce(*sequencer_).ok());
    sequencer_ = writes % 2 == 0 ? NewSequencer("one") : std::move(sequencer_);
    mirror_.writes_left_ = -1;
    ASSERT_TRUE(RunOnce(*sequencer_).ok());
    ExpectMirrored();
    clock_.Advance(kMirrorEvery);
  }
}

TEST_F(Sequencing, AMirrorThatBeginsLateGetsAll) {
  SequenceEvents alone(log_, log_, *signer_, nullptr, clock_,
                       {"audit", "masa.example/audit", "one"});
  for (int i = 0; i < 70; ++i) {
    WriteTogether(256);
  }
  Write(1);
  ASSERT_TRUE(RunOnce(alone).ok());
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  EXPECT_EQ(*mirror_.Read(kOrigin, "checkpoint"), std::nullopt)
      << "it comes in pieces";
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  ExpectMirrored();
}

// Most of the mirror is written from what the sequencer has in memory: it is
// the same as from the store.
TEST_F(Sequencing, TheMirrorIsAsTheStoreHasTheLog) {
  for (const int count : {1, 254, 1, 1, 300, 256, 70'000, 2, 600}) {
    for (int left = count; left > 0; left -= 256) {
      WriteTogether(std::min(left, 256));
    }
    RunUntilMirrored();
    ExpectMirrored();
    MemoryMirror other;
    for (Mirrored copied; copied.size < Newest()->size;) {
      ASSERT_TRUE(MirrorLog({}, log_, other, "masa.example/audit", "acme",
                            FreshLog(), clock_.Now(), copied)
                      .ok());
    }
    // Tiles that were not full when a piece was written have names of their
    // own.
    for (const auto& [name, octets] : other.files_) {
      const auto mirrored = *mirror_.Read(name.first, name.second);
      EXPECT_TRUE(!mirrored || *mirrored == octets) << name.second;
    }
  }
}

// Under load each copy would leave a partial tile of each level, a bundle and a
// checkpoint behind.
TEST_F(Sequencing, TheMirrorOfAGrowingLogHasAsManyFilesAsItsTiles) {
  for (int second = 0; second < 3 * 256; ++second) {
    Write(1);
    ASSERT_TRUE(RunOnce(*sequencer_).ok());
    clock_.Advance(kMirrorEvery);
  }
  ExpectMirrored();
  std::set<std::string> names;
  for (const auto& [name, octets] : mirror_.files_) {
    names.insert(name.second);
  }
  EXPECT_EQ(names, (std::set<std::string>{
                       "checkpoint", "checkpoints/1", "tile/0/000",
                       "tile/0/001", "tile/0/002", "tile/1/000.p/1",
                       "tile/1/000.p/2", "tile/1/000.p/3", "tile/entries/000",
                       "tile/entries/001", "tile/entries/002"}));
}

// Who read the checkpoint before the tile was full finds no partial one.
TEST_F(Sequencing, AFullTileIsReadForTheOneThatItBeginsWith) {
  const auto tile = [this](uint64_t size) {
    return *ReadMirroredTile(mirror_, kOrigin, {0, 0}, size);
  };
  EXPECT_EQ(tile(200), std::nullopt);
  WriteTogether(200);
  RunUntilMirrored();
  const auto partial = tile(200);
  ASSERT_TRUE(partial.has_value());
  EXPECT_EQ(partial->size(), 200 * merkle::kHashOctets);
  WriteTogether(100);
  clock_.Advance(kMirrorEvery);
  RunUntilMirrored();
  EXPECT_EQ(*mirror_.Read(kOrigin, merkle::TilePath({0, 0}, 200)),
            std::nullopt);
  EXPECT_EQ(tile(200), partial);
}

TEST_F(Sequencing, TheMirrorComesOnceASecondAndKeepsACheckpointOfEachHour) {
  const auto kept = [this](int size) {
    return mirror_.Read(kOrigin, absl::StrCat("checkpoints/", size))
        ->has_value();
  };
  Write(1);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  const std::string first = Newest()->note;
  EXPECT_TRUE(kept(1));
  Write(1);
  clock_.Advance(kMirrorEvery - absl::Milliseconds(1));
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  EXPECT_EQ(*mirror_.Read(kOrigin, "checkpoint"), first);
  clock_.Advance(absl::Milliseconds(1));
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  ExpectMirrored();
  EXPECT_FALSE(kept(2));

  clock_.Advance(kKeepCheckpointEvery);
  Write(1);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  EXPECT_TRUE(kept(3));

  clock_.Advance(-absl::Hours(2));
  Write(1);
  ASSERT_TRUE(RunOnce(*sequencer_).ok());
  ExpectMirrored();
}

TEST_F(Sequencing, ADatabaseThatIsBehindItsMirrorIsNotGoneOnWith) {
  Write(300);
  RunUntilMirrored();
  storage::MemoryAuditLog restored([](const std::string&, const std::string&) {
    return storage::MemoryAuditLog::Owner();
  });
  SequenceEvents after(restored, restored, *signer_, &mirror_, clock_,
                       {"audit", "masa.example/audit", "one"});
  LogEvent event;
  event.event_id = storage::NewEventId(clock_.Now());
  event.tenant_id = "acme";
  restored.Add({event});
  const absl::Status round = RunOnce(after);
  EXPECT_EQ(ReasonOf(round), Reason::kMisconfigured);
  EXPECT_EQ(round.message(),
            "the audit log of acme has 0 entries, but had 300 by the "
            "checkpoint outside the database");
}

TEST_F(Sequencing, ALogThatIsNotTheOneThatWasSignedIsNotGoneOnWith) {
  Write(300);
  RunUntilMirrored();
  // A row changed, and all above it computed anew, as a superuser can do.
  merkle::GrowingTree other;
  const auto entries = *log_.ReadBareEntries({}, "acme", 0, 300);
  for (const auto& entry : entries) {
    other.Append(other.size() == 5 ? std::string(32, 'x') : entry.commitment);
  }
  const storage::LogHead head{300, other.Root()};
  std::vector<storage::LogTile> tiles;
  for (const merkle::Tile& tile : other.TakeChanged()) {
    tiles.push_back({{tile.key.level, tile.key.number}, tile.hashes});
  }
  log_.Forge("acme", head, tiles);
  Write(1);
  const absl::Status round = RunOnce(*NewSequencer("one"));
  EXPECT_EQ(ReasonOf(round), Reason::kMisconfigured);
  EXPECT_NE(round.message().find("in the database"), std::string::npos)
      << round;
  EXPECT_EQ(log_.ReadHead({}, "acme")->size, head.size);
}

TEST_F(Sequencing, ALossIsGoneOnWithWhenItIsAccepted) {
  Write(300);
  RunUntilMirrored();
  storage::MemoryAuditLog restored([](const std::string&, const std::string&) {
    return storage::MemoryAuditLog::Owner();
  });
  const AuditTerms terms{"audit", "masa.example/audit", "one"};
  const auto check = [&](const std::vector<AcceptedLoss>& accepted) {
    return GuardLogs(restored, restored, *signer_, mirror_, clock_, terms,
                     accepted)
        .Check({}, {"acme"});
  };
  EXPECT_EQ(check({}).message(),
            "the audit log of acme has 0 entries, but had 300 by the "
            "checkpoint outside the database; restore a newer backup, or name "
            "the loss with its reason in authority.audit.accepted_losses");
  EXPECT_EQ(ReasonOf(check({{"acme", 299, "x"}, {"bolt", 300, "x"}})),
            Reason::kMisconfigured);
  ASSERT_TRUE(check({{"acme", 300, "the disk burnt"}}).ok());
  EXPECT_TRUE(check({}).ok());
  EXPECT_EQ(mirror_.aside_,
            std::vector<std::string>({std::string(kOrigin) + " lost-300"}));
  SequenceEvents after(restored, restored, *signer_, &mirror_, clock_, terms);
  clock_.Advance(absl::Seconds(11));
  ASSERT_TRUE(RunOnce(after).ok());
  const auto logged = *restored.ReadEntries({}, "acme", 0, 10);
  ASSERT_EQ(logged.size(), 1u);
  EXPECT_EQ(logged[0].event->kind, storage::kAuditLossAccepted);
  EXPECT_NE(logged[0].event->payload.find("the disk burnt"), std::string::npos);
}

TEST_F(Sequencing, AMirrorThatNothingIsKnownOfIsNoLoss) {
  GuardLogs guard(log_, log_, *signer_, mirror_, clock_,
                  {"audit", "masa.example/audit", "one"}, {});
  EXPECT_TRUE(guard.Check({}, {"acme", "bolt"}).ok());
}

}  // namespace
}  // namespace masa::issuance
