// A sequencer on stores in memory, with a mirror that fails when it is told to,
// and what must hold of a log and of its copy.
#ifndef SERVICES_ISSUANCE_TEST_SEQUENCING_H_
#define SERVICES_ISSUANCE_TEST_SEQUENCING_H_

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "services/issuance/mirror_log.h"
#include "services/issuance/sequence_events.h"
#include "services/issuance/test_audit_mirror.h"
#include "services/merkle/hashes.h"
#include "services/merkle/merkle_tree.h"
#include "services/signing/local_signer.h"
#include "services/testing/fake_clock.h"
#include "services/testing/test_pki.h"
#include "storage/memory/memory_audit_log.h"

namespace masa::issuance {

class Sequencing : public ::testing::Test {
 protected:
  static constexpr char kOrigin[] = "masa.example/audit/acme";

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

  // OK: a round that held up nobody.
  static absl::Status RunOnce(SequenceEvents& sequencer) {
    const auto round = sequencer.Run({});
    return round.ok() ? round->failed : round.status();
  }

  // Commits so many events of the tenant, each by itself.
  void Write(int count, const std::string& tenant_id = "acme") {
    for (int i = 0; i < count; ++i) {
      storage::LogEvent event;
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

  // All that was committed is in the mirror.
  void RunUntilMirrored() {
    while (sequencer_->Run({})->is_behind) {
    }
    while (*mirror_.Read(kOrigin, "checkpoint") != Newest()->note) {
      clock_.Advance(kMirrorEvery);
      ASSERT_TRUE(RunOnce(*sequencer_).ok());
    }
  }

  // Commits so many events at once.
  void WriteTogether(int count) {
    std::vector<storage::LogEvent> events(count);
    for (storage::LogEvent& event : events) {
      event.event_id = storage::NewEventId(clock_.Now());
      event.tenant_id = "acme";
    }
    log_.Add(events);
  }

  testing::FakeClock clock_{absl::FromUnixSeconds(1800000000)};
  storage::MemoryAuditLog log_{[](const std::string&, const std::string&) {
    return storage::MemoryAuditLog::Owner();
  }};
  std::unique_ptr<signing::LocalSigner> signer_;
  transparency::NoteKey key_;
  MemoryMirror mirror_;
  std::unique_ptr<SequenceEvents> sequencer_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_SEQUENCING_H_
