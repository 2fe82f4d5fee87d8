// Whole logs and copies of them, held against what was signed and what is kept
// outside.
#include "services/issuance/verify_logs.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/issuance/sequence_events.h"
#include "services/issuance/test_audit_mirror.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"
#include "services/testing/test_pki.h"
#include "storage/memory/memory_audit_log.h"

namespace masa::issuance {
namespace {

using storage::LogEvent;
using storage::MemoryAuditLog;

constexpr char kOrigin[] = "masa.example/audit";
constexpr char kTenantsLog[] = "masa.example/audit/acme";

// The service's database, and a copy that takes what it is given.
class Logs : public ::testing::Test {
 protected:
  Logs() : identity_(testing::MakeIdentity(Spec(clock_.Now()))) {
    signer_ = *signing::LocalSigner::New(
        {{{"audit", identity_.CertificatePem(), {signing::Kind::kCheckpoint}},
          identity_.KeyPem(),
          ""}});
    service_ = Sequencer(log_, &mirror_);
    copier_ = Sequencer(copy_, nullptr);
  }

  static testing::CertificateSpec Spec(absl::Time now) {
    testing::CertificateSpec spec;
    spec.common_name = "audit log";
    spec.key = testing::KeyKind::kEd25519;
    spec.not_before = now - absl::Hours(1);
    spec.not_after = now + absl::Hours(9999);
    return spec;
  }

  std::unique_ptr<SequenceEvents> Sequencer(MemoryAuditLog& log,
                                            AuditMirror* mirror) {
    return std::make_unique<SequenceEvents>(
        log, log, *signer_, mirror, clock_,
        AuditTerms{"audit", kOrigin, "one"});
  }

  std::vector<LogEvent> NewEvents(int count) {
    std::vector<LogEvent> events(count);
    for (LogEvent& event : events) {
      event.event_id = storage::NewEventId(clock_.Now());
      event.tenant_id = "acme";
      event.kind = "test";
      event.at = clock_.Now();
      event.salt = storage::NewSalt();
      ids_.push_back(event.event_id);
    }
    return events;
  }

  // Committed, logged and signed.
  void Sequence(MemoryAuditLog& log, SequenceEvents& sequencer,
                const std::vector<LogEvent>& events) {
    log.Add(events);
    do {
      clock_.Advance(absl::Seconds(1));
    } while (sequencer.Run({})->events > 0);
  }
  void Serve(int count) { Sequence(log_, *service_, NewEvents(count)); }
  // A backup is made then, too.
  void ServeAndCopy(int count) {
    const auto events = NewEvents(count);
    Sequence(log_, *service_, events);
    Sequence(copy_, *copier_, events);
  }

  VerifyLogs Verifier(MemoryAuditLog& log) {
    return VerifyLogs({log, &mirror_, clock_},
                      {kOrigin, identity_.CertificateDer()});
  }
  absl::StatusOr<LogVerdict> Served() { return Verifier(log_).Verify("acme"); }
  absl::StatusOr<LogVerdict> Copied() {
    return Verifier(copy_).VerifyCopy("acme");
  }

  static void ExpectRefused(const absl::StatusOr<LogVerdict>& found,
                            Reason reason, const std::string& says) {
    EXPECT_EQ(ReasonOf(found.status()), reason) << found.status();
    EXPECT_TRUE(absl::StrContains(found.status().message(), says))
        << found.status();
  }

  testing::FakeClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  const testing::Identity identity_;
  const MemoryAuditLog::OwnerOf nobody_ = [](const std::string&,
                                             const std::string&) {
    return MemoryAuditLog::Owner();
  };
  MemoryAuditLog log_{nobody_};
  MemoryAuditLog copy_{nobody_};
  MemoryMirror mirror_;
  std::unique_ptr<signing::LocalSigner> signer_;
  std::unique_ptr<SequenceEvents> service_;
  std::unique_ptr<SequenceEvents> copier_;
  std::vector<std::string> ids_;
};

TEST_F(Logs, AWholeLogHolds) {
  EXPECT_EQ(Served()->size, 0u) << "an empty one";
  Serve(32 * 256 + 300);  // more than one run looks at
  const auto held = Served();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->size, 32u * 256 + 300);
  EXPECT_EQ(held->behind, 0u);
}

TEST_F(Logs, TheFirstEventThatDoesNotFitIsNamed) {
  Serve(700);
  log_.Tamper(ids_[300], [](LogEvent& event) { event.kind = "other"; });
  ExpectRefused(Served(), Reason::kSignatureInvalid, "number 300 of the log");
  log_.Tamper(ids_[500], [](LogEvent& event) { event.kind = "other"; });
  ExpectRefused(Served(), Reason::kSignatureInvalid, ", and more");
}

TEST_F(Logs, ALogIsNotHeldByAnotherKeysCertificate) {
  Serve(3);
  const testing::Identity other = testing::MakeIdentity(Spec(clock_.Now()));
  VerifyLogs verify({log_, &mirror_, clock_},
                    {kOrigin, other.CertificateDer()});
  EXPECT_EQ(ReasonOf(verify.Verify("acme").status()),
            Reason::kSignatureInvalid);
}

TEST_F(Logs, EntriesOfWhichNothingIsSignedAreNoticed) {
  service_ = std::make_unique<SequenceEvents>(
      log_, log_, *signer_, &mirror_, clock_, AuditTerms{"", kOrigin, "one"});
  Serve(3);
  ExpectRefused(Served(), Reason::kSignatureInvalid,
                "3 entries and no checkpoint");
}

TEST_F(Logs, TheServiceMayLackNothingThatIsOutside) {
  ServeAndCopy(300);
  Serve(1);
  ExpectRefused(Verifier(copy_).Verify("acme"), Reason::kMisconfigured,
                "300 entries, but had 301");
}

TEST_F(Logs, ACopyMayLackWhatCameAfterIt) {
  ServeAndCopy(300);
  EXPECT_EQ(Copied()->behind, 0u);
  Serve(900);
  auto held = Copied();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->size, 300u);
  EXPECT_EQ(held->behind, 900u);
  // A replica may be ahead of the mirror.
  Sequence(copy_, *copier_, NewEvents(5));
  mirror_.files_.clear();
  held = Copied();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->size, 305u);
}

TEST_F(Logs, ACopyOfAnotherLogIsNoticedShorterOrLonger) {
  ServeAndCopy(300);
  Sequence(copy_, *copier_, NewEvents(5));
  Serve(900);
  ExpectRefused(Copied(), Reason::kMisconfigured,
                "its 305 entries do not begin the 1200 there");
  Sequence(copy_, *copier_, NewEvents(1000));
  ExpectRefused(Copied(), Reason::kMisconfigured, "is another one");
}

TEST_F(Logs, TilesThatAreMissingOrChangedOutsideAreNoticed) {
  ServeAndCopy(300);
  Serve(900);
  const std::pair<std::string, std::string> tile = {kTenantsLog, "tile/0/001"};
  ASSERT_TRUE(mirror_.files_.contains(tile));
  const std::string kept = mirror_.files_[tile];
  mirror_.files_[tile][32 * 50] ^= 1;
  ExpectRefused(Copied(), Reason::kMisconfigured, "do not begin");
  mirror_.files_.erase(tile);
  ExpectRefused(Copied(), Reason::kMisconfigured, "lacks tiles");
  mirror_.files_[tile] = kept;
  EXPECT_TRUE(Copied().ok());
  mirror_.files_[{kTenantsLog, "checkpoint"}][60] ^= 1;
  EXPECT_FALSE(Copied().ok());
}

TEST_F(Logs, ACopyIsHeldAgainstAMirrorOrNotAtAll) {
  VerifyLogs verify({copy_, nullptr, clock_},
                    {kOrigin, identity_.CertificateDer()});
  ExpectRefused(verify.VerifyCopy("acme"), Reason::kMisconfigured,
                "mirror_folder is needed");
}

TEST_F(Logs, ACopyIsAsOldAsTheFirstThatItLacks) {
  ServeAndCopy(300);
  const auto check = [this](absl::Duration longest) {
    return CheckCopyIsOf({}, log_, "acme", clock_.Now() - longest,
                         Copied()->size);
  };
  clock_.Advance(absl::Hours(1000));
  EXPECT_TRUE(check(absl::Hours(25)).ok()) << "it lacks nothing";
  Serve(1);
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(check(absl::Hours(25)).ok());
  clock_.Advance(absl::Hours(2));
  const absl::Status old = check(absl::Hours(25));
  EXPECT_EQ(ReasonOf(old), Reason::kMisconfigured);
  EXPECT_TRUE(absl::StrContains(old.message(), "300 entries in it and 301"))
      << old;
}

TEST_F(Logs, AStoreThatIsAwayIsNoVerdict) {
  Serve(300);
  log_.FailOnce(3, false);
  EXPECT_EQ(ReasonOf(Served().status()), Reason::kStoreUnavailable);
  EXPECT_TRUE(Served().ok());
}

}  // namespace
}  // namespace masa::issuance
