// Verifications in the background: what they find in a log that was changed,
// and that they go on where another process left them.
#include "services/issuance/run_verifications.h"

#include <functional>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/issuance/sequence_events.h"
#include "services/issuance/serve_verifications.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"
#include "services/testing/test_pki.h"
#include "storage/memory/memory_verifications.h"

namespace masa::issuance {
namespace {

using storage::AuditVerification;
using storage::LogEvent;
using storage::v1::AUDIT_VERIFICATION_STATE_CANCELLED;
using storage::v1::AUDIT_VERIFICATION_STATE_ENDED;
using storage::v1::AUDIT_VERIFICATION_STATE_RUNNING;

constexpr char kOrigin[] = "masa.example/audit";
// More than one step takes.
constexpr int kEvents = 32 * 256 + 300;

class Verifications : public ::testing::Test {
 protected:
  Verifications() {
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
    sequencer_ =
        std::make_unique<SequenceEvents>(log_, log_, *signer_, nullptr, clock_,
                                         AuditTerms{"audit", kOrigin, "one"});
  }

  // A log of so many events, under several checkpoints.
  void Write(int count) {
    std::vector<LogEvent> events;
    for (int i = 0; i < count; ++i) {
      LogEvent event;
      event.event_id = storage::NewEventId(clock_.Now());
      event.tenant_id = "acme";
      event.kind = "test";
      event.at = clock_.Now();
      event.salt = storage::NewSalt();
      ids_.push_back(event.event_id);
      events.push_back(event);
      if (events.size() == 256 || i + 1 == count) {
        log_.Add(events);
        events.clear();
        do {
          clock_.Advance(absl::Seconds(1));
        } while (sequencer_->Run({})->events > 0);
      }
    }
  }

  AuditVerification Started() {
    const auto one = desk_.Start({}, operator_, {});
    EXPECT_TRUE(one.ok()) << one.status();
    return *one;
  }
  AuditVerification Now(const AuditVerification& one) {
    return *desk_.Get({}, operator_, one.verification_id());
  }

  RunVerifications Runner(char holder = 'h') {
    return RunVerifications({log_, store_, *signer_, clock_},
                            {"audit", kOrigin, std::string(16, holder)});
  }
  static bool Never() { return false; }
  // Stops after so many steps.
  static std::function<bool()> After(int steps) {
    return [steps, done = 0]() mutable { return done++ >= steps; };
  }

  AuditVerification Run(RunVerifications runner, const AuditVerification& one) {
    for (int turns = 0; turns < 50 && *runner.RunTurn(Never); ++turns) {
    }
    return Now(one);
  }

  testing::FakeClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  storage::MemoryAuditLog log_{[](const std::string&, const std::string&) {
    return storage::MemoryAuditLog::Owner();
  }};
  storage::MemoryVerifications store_{log_};
  std::unique_ptr<signing::LocalSigner> signer_;
  std::unique_ptr<SequenceEvents> sequencer_;
  ServeVerifications desk_{log_, store_, clock_};
  const identity::Principal operator_ = {identity::Role::kOperator, "operator",
                                         "acme", ""};
  std::vector<std::string> ids_;
};

TEST_F(Verifications, AWholeLogHolds) {
  Write(kEvents);
  const auto ended = Run(Runner(), Started());
  EXPECT_EQ(ended.state(), AUDIT_VERIFICATION_STATE_ENDED);
  EXPECT_EQ(ended.size(), kEvents);
  EXPECT_EQ(ended.done(), kEvents);
  EXPECT_EQ(ended.faults(), 0) << ended.first_fault();
  EXPECT_EQ(ended.good_size(), kEvents);
  EXPECT_TRUE(ended.edge().empty());
}

// Each by itself, on a log that held before.
TEST_F(Verifications, TheFirstEventThatDoesNotFitIsNamed) {
  Write(700);
  const auto uuid = [this](int index) {
    const std::string hex = absl::BytesToHexString(ids_[index]);
    return hex.substr(0, 8);
  };
  log_.Tamper(ids_[300], [](LogEvent& event) { event.kind = "other"; });
  log_.Tamper(ids_[400], [](LogEvent& event) { event.payload = "{}"; });
  const auto ended = Run(Runner(), Started());
  EXPECT_EQ(ended.faults(), 2);
  EXPECT_TRUE(absl::StrContains(ended.first_fault(), "number 300 of the log"))
      << ended.first_fault();
  EXPECT_TRUE(absl::StrContains(ended.first_fault(), uuid(300)))
      << ended.first_fault();
}

TEST_F(Verifications, AnotherTreeThanTheSignedOneIsFound) {
  Write(700);
  storage::LogHead head = *log_.ReadHead({}, "acme");
  const auto tiles = *log_.ReadTiles({}, "acme", {{0, 1}});
  storage::LogTile other = tiles.front();
  other.hashes[40] ^= 1;
  log_.Forge("acme", head, {other});
  auto ended = Run(Runner(), Started());
  EXPECT_EQ(ended.faults(), 1);
  EXPECT_TRUE(absl::StrContains(ended.first_fault(), "event number 257"))
      << ended.first_fault();
  other.hashes = tiles.front().hashes.substr(0, 32 * 10);
  log_.Forge("acme", head, {other});
  ended = Run(Runner(), Started());
  EXPECT_TRUE(absl::StrContains(ended.first_fault(), "event number 266"))
      << ended.first_fault();
}

TEST_F(Verifications, ACheckpointOfAnotherKeyIsFound) {
  Write(300);
  AuditVerification one = Started();
  ASSERT_TRUE(store_
                  .ChangeVerification(
                      {}, "test", clock_.Now(), {"acme", one.verification_id()},
                      [](const AuditVerification& stored) {
                        storage::VerificationChange change{stored};
                        change.verification.set_note("forged\n300\nAAAA\n\n");
                        return change;
                      })
                  .ok());
  EXPECT_EQ(Run(Runner(), one).faults(), 1);
}

TEST_F(Verifications, AnotherProcessGoesOnWhereOneWasKilled) {
  Write(kEvents);
  log_.Tamper(ids_[5], [](LogEvent& event) { event.kind = "other"; });
  const AuditVerification one = Started();
  RunVerifications first = Runner('1');
  // Its second step is done, and the answer got lost: as if it was killed.
  EXPECT_TRUE(*first.RunTurn(After(1)));
  AuditVerification seen = Now(one);
  EXPECT_EQ(seen.done(), 32u * 256);
  EXPECT_EQ(seen.faults(), 1);
  EXPECT_EQ(seen.state(), AUDIT_VERIFICATION_STATE_RUNNING);
  const auto ended = Run(Runner('2'), one);
  EXPECT_EQ(ended.state(), AUDIT_VERIFICATION_STATE_ENDED);
  EXPECT_EQ(ended.faults(), 1) << "not counted twice: " << ended.first_fault();
  EXPECT_EQ(ended.done(), kEvents);
}

TEST_F(Verifications, WhoLostTheLeaseChangesNothing) {
  Write(kEvents);
  const AuditVerification one = Started();
  store_.FailOnce(false);
  RunVerifications first = Runner('1');
  EXPECT_FALSE(first.RunTurn(Never).ok());
  ASSERT_TRUE(store_
                  .ChangeVerification(
                      {}, "t", clock_.Now(), {"acme", one.verification_id()},
                      TakeVerification({std::string(16, '1'), clock_.Now()}))
                  .ok());
  EXPECT_FALSE(*Runner('2').RunTurn(Never)) << "another one has it";
  clock_.Advance(kVerificationLease);
  EXPECT_EQ(Run(Runner('2'), one).done(), kEvents);
}

TEST_F(Verifications, IsCancelledBetweenSteps) {
  Write(kEvents);
  const AuditVerification one = Started();
  EXPECT_TRUE(*Runner().RunTurn(After(1)));
  ASSERT_TRUE(desk_.Cancel({}, operator_, one.verification_id()).ok());
  const auto ended = Run(Runner(), one);
  EXPECT_EQ(ended.state(), AUDIT_VERIFICATION_STATE_CANCELLED);
  EXPECT_TRUE(desk_.Cancel({}, operator_, one.verification_id()).ok());
}

TEST_F(Verifications, AreForOperatorsOfTheTenant) {
  EXPECT_EQ(ReasonOf(desk_.Start({}, operator_, {}).status()),
            Reason::kAuditLogUnknown)
      << "nothing is signed yet";
  Write(1);
  const AuditVerification one = Started();
  const identity::Principal customer = {identity::Role::kCustomer, "c", "acme",
                                        "org-acme", "c"};
  const identity::Principal foreign = {identity::Role::kOperator, "f", "globex",
                                       ""};
  EXPECT_EQ(ReasonOf(desk_.Start({}, customer, {}).status()),
            Reason::kPermissionDenied);
  EXPECT_EQ(ReasonOf(desk_.Get({}, customer, one.verification_id()).status()),
            Reason::kPermissionDenied);
  EXPECT_EQ(ReasonOf(desk_.Get({}, foreign, one.verification_id()).status()),
            Reason::kJobUnknown);
  EXPECT_EQ(ReasonOf(desk_.Cancel({}, foreign, one.verification_id()).status()),
            Reason::kJobUnknown);
  EXPECT_EQ(desk_.List({}, operator_, "", 9)->size(), 1u);
  EXPECT_TRUE(desk_.List({}, foreign, "", 9)->empty());
}

TEST_F(Verifications, ARepeatOfTheCallStartsNoOther) {
  Write(1);
  const Once once = {"their id", std::string(32, 'd')};
  const auto first = desk_.Start({}, operator_, once);
  const auto again = desk_.Start({}, operator_, once);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(first->verification_id(), again->verification_id());
  EXPECT_EQ(desk_.List({}, operator_, "", 9)->size(), 1u);
}

}  // namespace
}  // namespace masa::issuance
