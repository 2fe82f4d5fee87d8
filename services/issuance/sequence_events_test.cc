#include "services/issuance/sequence_events.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "gtest/gtest.h"
#include "services/issuance/guard_logs.h"
#include "services/issuance/mirror_log.h"
#include "services/issuance/test_audit_mirror.h"
#include "services/merkle/hashes.h"
#include "services/merkle/merkle_tree.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"
#include "services/testing/test_pki.h"
#include "storage/memory/memory_audit_log.h"

namespace masa::issuance {
namespace {

using storage::LogEvent;

constexpr char kOrigin[] = "masa.example/audit/acme";

class Sequencing : public ::testing::Test {
 protected:
  Sequencing() {
    testing::CertificateSpec spec;
    spec.common_name = "audit log";
    spec.key = testing::KeyKind::kEd25519;
    spec.not_before = clock_.Now() - absl::Hours(1);
    spec.not_after = clock_.Now() + absl::Hours(24);
    const testing::Identity identity = testing::MakeIdentity(spec);
    signer_ = *signing::LocalSigner::New(
        {{{"audit", identity.CertificatePem(), {signing::Kind::kCheckpoint}},
          identity.KeyPem(),
          ""}});
    key_ = *transparency::NoteKeyOf(kOrigin, identity.CertificateDer());
    sequencer_ = NewSequencer("one");
  }

  std::unique_ptr<SequenceEvents> NewSequencer(
      const std::string& holder, const std::string& key = "audit") {
    return std::make_unique<SequenceEvents>(
        log_, log_, *signer_, &mirror_, clock_,
        AuditTerms{key, "masa.example/audit", holder});
  }

  // Commits so many events of the tenant, each by itself.
  void Write(int count, const std::string& tenant_id = "acme") {
    for (int i = 0; i < count; ++i) {
      LogEvent event;
      event.event_id = storage::NewEventId(clock_.Now());
      event.tenant_id = tenant_id;
      event.kind = "test";
      event.at = clock_.Now();
      event.salt = storage::NewSalt();
      log_.Add({event});
    }
  }

  std::optional<storage::LogCheckpoint> Newest(
      const std::string& tenant_id = "acme") {
    const auto list = *log_.ListCheckpoints(
        {}, tenant_id, std::numeric_limits<uint64_t>::max(), 1);
    return list.empty() ? std::nullopt : std::optional(list.front());
  }

  // Each event once, in a log whose root and newest checkpoint are of them.
  void ExpectWhole(size_t events) {
    const auto logged = *log_.ReadEntries({}, "acme", 0, 100'000);
    ASSERT_EQ(logged.size(), events);
    std::set<std::string> ids;
    std::vector<std::string> leaves;
    for (const auto& one : logged) {
      EXPECT_TRUE(ids.insert(one.entry.event_id).second) << "twice";
      EXPECT_EQ(one.entry.commitment, storage::CommitmentOf(*one.event));
      leaves.push_back(merkle::LeafHash(one.entry.commitment));
    }
    EXPECT_EQ(log_.ReadHead({}, "acme")->root, merkle::RootOf(leaves));
    const auto checkpoint = transparency::OpenCheckpoint(Newest()->note, key_);
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_EQ(checkpoint->size, events);
    EXPECT_EQ(checkpoint->root, merkle::RootOf(leaves));
  }

  // The mirror's files are those of the newest checkpoint.
  void ExpectMirrored() {
    const std::string note = Newest()->note;
    EXPECT_EQ(*mirror_.Read(kOrigin, "checkpoint"), note);
    const uint64_t size = Newest()->size;
    EXPECT_EQ(*mirror_.Read(kOrigin, "checkpoints/" + std::to_string(size)),
              note);
    const auto root =
        merkle::RootFromTiles(size, [&](const merkle::TileKey& key) {
          return *mirror_.Read(
              kOrigin, merkle::TilePath(key, merkle::TileWidthIn(key, size)));
        });
    EXPECT_EQ(root, transparency::OpenCheckpoint(note, key_)->root);
    for (uint64_t first = 0; first < size; first += 256) {
      const uint64_t width = std::min<uint64_t>(256, size - first);
      const auto bundle =
          *mirror_.Read(kOrigin, merkle::EntriesPath(first / 256, width));
      ASSERT_TRUE(bundle.has_value()) << first;
      EXPECT_EQ(bundle->size(), width * 34);
    }
  }

  // Commits so many events at once.
  void WriteTogether(int count) {
    std::vector<LogEvent> events(count);
    for (LogEvent& event : events) {
      event.event_id = storage::NewEventId(clock_.Now());
      event.tenant_id = "acme";
    }
    log_.Add(events);
  }

  testing::FakeClock clock_{absl::FromUnixSeconds(1800000000)};
  storage::MemoryAuditLog log_{[](const std::string&, const std::string&) {
    return std::pair<std::string, std::string>();
  }};
  std::unique_ptr<signing::LocalSigner> signer_;
  transparency::NoteKey key_;
  MemoryMirror mirror_;
  std::unique_ptr<SequenceEvents> sequencer_;
};

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

TEST_F(Sequencing, AMirrorThatFailsIsCaughtUpWithLater) {
  for (int writes = 0; writes < 4; ++writes) {
    Write(200);
    mirror_.writes_left_ = writes;
    EXPECT_FALSE(sequencer_->Run({}).ok());
    sequencer_ = writes % 2 == 0 ? NewSequencer("one") : std::move(sequencer_);
    mirror_.writes_left_ = -1;
    ASSERT_TRUE(sequencer_->Run({}).ok());
    ExpectMirrored();
  }
}

TEST_F(Sequencing, AMirrorThatBeginsLateGetsAll) {
  SequenceEvents alone(log_, log_, *signer_, nullptr, clock_,
                       {"audit", "masa.example/audit", "one"});
  for (int i = 0; i < 70; ++i) {
    WriteTogether(256);
  }
  Write(1);
  ASSERT_TRUE(alone.Run({}).ok());
  ASSERT_TRUE(sequencer_->Run({}).ok());
  EXPECT_EQ(*mirror_.Read(kOrigin, "checkpoint"), std::nullopt)
      << "it comes in pieces";
  ASSERT_TRUE(sequencer_->Run({}).ok());
  ExpectMirrored();
}

// Most of the mirror is written from what the sequencer has in memory: it is
// the same as from the store.
TEST_F(Sequencing, TheMirrorIsAsTheStoreHasTheLog) {
  for (const int count : {1, 254, 1, 1, 300, 256, 70'000, 2, 600}) {
    for (int left = count; left > 0; left -= 256) {
      WriteTogether(std::min(left, 256));
    }
    while (sequencer_->Run({})->is_behind) {
    }
    while (*mirror_.Read(kOrigin, "checkpoint") != Newest()->note) {
      ASSERT_TRUE(sequencer_->Run({}).ok());
    }
    ExpectMirrored();
    MemoryMirror other;
    for (uint64_t done = 0; done < Newest()->size;) {
      done = *MirrorLog({}, log_, other, "masa.example/audit", "acme", done,
                        FreshLog());
    }
    // Tiles that were not full when a piece was written have names of their own.
    for (const auto& [name, octets] : other.files_) {
      const auto mirrored = *mirror_.Read(name.first, name.second);
      EXPECT_TRUE(!mirrored || *mirrored == octets) << name.second;
    }
  }
}

TEST_F(Sequencing, ADatabaseThatIsBehindItsMirrorIsNotGoneOnWith) {
  Write(300);
  while (sequencer_->Run({})->is_behind) {
  }
  storage::MemoryAuditLog restored([](const std::string&, const std::string&) {
    return std::pair<std::string, std::string>();
  });
  SequenceEvents after(restored, restored, *signer_, &mirror_, clock_,
                       {"audit", "masa.example/audit", "one"});
  LogEvent event;
  event.event_id = storage::NewEventId(clock_.Now());
  event.tenant_id = "acme";
  restored.Add({event});
  const auto round = after.Run({});
  EXPECT_EQ(ReasonOf(round.status()), Reason::kMisconfigured);
  EXPECT_EQ(round.status().message(),
            "the audit log of acme has 0 entries, but had 300 by the "
            "checkpoint outside the database");
}

TEST_F(Sequencing, ALogThatIsNotTheOneThatWasSignedIsNotGoneOnWith) {
  Write(300);
  while (sequencer_->Run({})->is_behind) {
  }
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
  const auto round = NewSequencer("one")->Run({});
  EXPECT_EQ(ReasonOf(round.status()), Reason::kMisconfigured);
  EXPECT_NE(round.status().message().find("in the database"), std::string::npos)
      << round.status();
  EXPECT_EQ(log_.ReadHead({}, "acme")->size, head.size);
}

TEST_F(Sequencing, ALossIsGoneOnWithWhenItIsAccepted) {
  Write(300);
  while (sequencer_->Run({})->is_behind) {
  }
  storage::MemoryAuditLog restored([](const std::string&, const std::string&) {
    return std::pair<std::string, std::string>();
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
  ASSERT_TRUE(after.Run({}).ok());
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
