// The end of a key: what two operators can do together, and nobody alone.
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/issuance/test_key_desk.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

class KeyDestruction : public KeyDeskFixture {
 protected:
  KeyDestruction() {
    ActivateNew("key", clock_.Now() + kKeyNotice);
    EXPECT_TRUE(desk_->Retire({}, Operator(), {kName, {}, false}, {}).ok());
    clock_.Advance(kKeyNotice);
  }

  static identity::Principal Second() {
    identity::Principal second = Operator();
    second.name = "second";
    return second;
  }
  absl::StatusOr<KeyView> Destroy(const identity::Principal& who,
                                  const Once& once = {}) {
    return desk_->Destroy({}, who, {kName}, once);
  }
  absl::StatusOr<KeyView> Withdraw(const identity::Principal& who) {
    return desk_->Destroy({}, who, {kName, true}, {});
  }
  Reason TestOf() {
    const auto tried = desk_->Test({}, Operator(), "key", 1);
    return tried.ok() ? Reason::kInternal : ReasonOf(tried.status());
  }
  int Events(const char* kind) {
    int count = 0;
    for (const auto& event : store_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }

  static inline const signing::KeyName kName = {"key", 1};
};

TEST_F(KeyDestruction, TakesTwoOperatorsAndSevenDays) {
  const auto asked = Destroy(Operator());
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->state, signing::KeyState::kRetired);
  EXPECT_EQ(asked->record.destroy_asked_at, clock_.Now());
  EXPECT_EQ(asked->record.destroy_asked_by, "operator");
  EXPECT_EQ(ReasonOf(Destroy(Second()).status()), Reason::kStateNotAllowed);
  clock_.Advance(kDestructionCoolDown - absl::Seconds(1));
  const auto early = Destroy(Second());
  EXPECT_EQ(ReasonOf(early.status()), Reason::kStateNotAllowed);
  EXPECT_NE(early.status().message().find("can be destroyed from"),
            std::string::npos);
  clock_.Advance(absl::Seconds(1));
  const auto alone = Destroy(Operator());
  EXPECT_EQ(ReasonOf(alone.status()), Reason::kStateNotAllowed);
  EXPECT_NE(alone.status().message().find("another operator"),
            std::string::npos);
  EXPECT_EQ(TestOf(), Reason::kInternal) << "it is still there";
  const auto done = Destroy(Second());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state, signing::KeyState::kDestroyed);
  EXPECT_EQ(done->record.destroyed_at, clock_.Now());
  EXPECT_FALSE(done->record.destroy_asked_at.has_value());
  EXPECT_EQ(done->record.destroy_asked_by, "") << "the event says it";
  EXPECT_EQ(TestOf(), Reason::kKeyUnknown);
  EXPECT_EQ(Events(storage::kKeyDestructionAsked), 1);
  EXPECT_EQ(Events(storage::kKeyDestroyed), 1);
  EXPECT_EQ(ReasonOf(Destroy(Second()).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(ReasonOf(Withdraw(Second()).status()), Reason::kStateNotAllowed);
}

// Whoever asks twice at once has asked once, and confirmed nothing.
TEST_F(KeyDestruction, EqualCallsAtOnceAreOneChange) {
  const KeyView asked = AtOnce([](ServeKeys& desk) {
    return desk.Destroy({}, Operator(), {kName},
                        {"id-1", std::string(32, 'a')});
  });
  EXPECT_EQ(asked.record.destroy_asked_by, "operator");
  EXPECT_EQ(Events(storage::kKeyDestructionAsked), 1);
}

// What it signed is still about.
TEST_F(KeyDestruction, LeavesItsChainPublished) {
  ASSERT_TRUE(Destroy(Operator()).ok());
  clock_.Advance(kDestructionCoolDown);
  ASSERT_TRUE(Destroy(Second()).ok());
  const auto published = versioned_->Published({}, "key");
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_EQ(published->size(), 2u);
  EXPECT_EQ(published->back().chain_der.size(), 2u);
  // Its number is not used again.
  const auto next = desk_->Create({}, Operator(), "key",
                                  SignatureAlgorithm::kEcdsaP256Sha256, {});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->record.version, 2);
}

TEST_F(KeyDestruction, IsForRetiredVersionsAlone) {
  ActivateNew("key", clock_.Now() + kKeyNotice);
  const auto of = [&](int32_t version) {
    return ReasonOf(
        desk_->Destroy({}, Operator(), {{"key", version}}, {}).status());
  };
  EXPECT_EQ(of(0), Reason::kStateNotAllowed);
  EXPECT_EQ(of(2), Reason::kStateNotAllowed) << "pending";
  clock_.Advance(kKeyNotice);
  EXPECT_EQ(of(2), Reason::kStateNotAllowed) << "active";
  EXPECT_EQ(of(3), Reason::kKeyUnknown);
  identity::Principal foreign = Operator();
  foreign.tenant_id = "globex";
  EXPECT_EQ(ReasonOf(Destroy(foreign).status()), Reason::kKeyUnknown);
  const identity::Principal customer = {identity::Role::kCustomer, "c", "acme",
                                        "org-acme"};
  EXPECT_EQ(ReasonOf(Destroy(customer).status()), Reason::kPermissionDenied);
}

TEST_F(KeyDestruction, IsTakenBackByAnybody) {
  EXPECT_EQ(ReasonOf(Withdraw(Operator()).status()), Reason::kStateNotAllowed);
  ASSERT_TRUE(Destroy(Operator()).ok());
  const auto kept = Withdraw(Second());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_FALSE(kept->record.destroy_asked_at.has_value());
  EXPECT_EQ(Events(storage::kKeyDestructionWithdrawn), 1);
  // Then time begins anew.
  clock_.Advance(kDestructionCoolDown);
  ASSERT_TRUE(Destroy(Second()).ok());
  EXPECT_EQ(ReasonOf(Destroy(Operator()).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(TestOf(), Reason::kInternal);
}

TEST_F(KeyDestruction, ACheckAndARepeatChangeNothing) {
  ASSERT_TRUE(desk_->Destroy({}, Operator(), {kName, false, true}, {}).ok());
  EXPECT_EQ(Events(storage::kKeyDestructionAsked), 0);
  const Once once = {"id-1", std::string(32, 'a')};
  ASSERT_TRUE(Destroy(Operator(), once).ok());
  ASSERT_TRUE(Destroy(Operator(), once).ok());
  EXPECT_EQ(Events(storage::kKeyDestructionAsked), 1);
  clock_.Advance(kDestructionCoolDown);
  ASSERT_TRUE(desk_->Destroy({}, Second(), {kName, false, true}, {}).ok());
  EXPECT_EQ(TestOf(), Reason::kInternal);
  const Once other = {"id-1", std::string(32, 'b')};
  EXPECT_EQ(ReasonOf(Destroy(Operator(), other).status()),
            Reason::kRequestIdReused);
}

// A signer that does something else first, and may be away.
class BusyMaker final : public signing::KeyMaker {
 public:
  explicit BusyMaker(signing::KeyMaker& maker) : maker_(maker) {}

  absl::StatusOr<std::vector<signing::KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) override {
    return maker_.Slots(context, tenant_id);
  }
  absl::StatusOr<signing::KeyDescription> Create(
      const RequestContext& context, const std::string& tenant_id,
      const signing::KeyName& name, SignatureAlgorithm algorithm) override {
    return maker_.Create(context, tenant_id, name, algorithm);
  }
  absl::StatusOr<signing::KeyDescription> Import(
      const RequestContext& context, const std::string& tenant_id,
      const signing::KeyName& name, const std::string& pem) override {
    return maker_.Import(context, tenant_id, name, pem);
  }
  absl::Status Destroy(const RequestContext& context,
                       const std::string& tenant_id,
                       const signing::KeyName& name) override {
    MASA_RETURN_IF_ERROR(before());
    return maker_.Destroy(context, tenant_id, name);
  }

  std::function<absl::Status()> before;

 private:
  signing::KeyMaker& maker_;
};

// Whoever takes it back while the key goes would be told that it is kept.
TEST_F(KeyDestruction, IsNotTakenBackOnceItIsConfirmed) {
  ASSERT_TRUE(Destroy(Operator()).ok());
  clock_.Advance(kDestructionCoolDown);
  BusyMaker maker(*signer_);
  ServeKeys desk(*tools_, KeyTools{store_, maker});
  maker.before = [&] {
    const auto kept = Withdraw(Operator());
    EXPECT_EQ(ReasonOf(kept.status()), Reason::kStateNotAllowed);
    EXPECT_NE(kept.status().message().find("is being destroyed"),
              std::string::npos);
    return absl::OkStatus();
  };
  const auto done = desk.Destroy({}, Second(), {kName}, {});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state, signing::KeyState::kDestroyed);
  EXPECT_EQ(Events(storage::kKeyDestructionConfirmed), 1);
  EXPECT_EQ(Events(storage::kKeyDestroyed), 1);
  EXPECT_EQ(Events(storage::kKeyDestructionWithdrawn), 0);
}

// What was confirmed while the signer was away, or the process stopped, any
// call ends, also a repeat.
TEST_F(KeyDestruction, IsEndedByARepeatOnceItIsConfirmed) {
  ASSERT_TRUE(Destroy(Operator()).ok());
  clock_.Advance(kDestructionCoolDown);
  BusyMaker maker(*signer_);
  ServeKeys desk(*tools_, KeyTools{store_, maker});
  maker.before = [] { return Refuse(Reason::kSignerUnavailable, "away"); };
  const Once once = {"id-1", std::string(32, 'a')};
  EXPECT_EQ(ReasonOf(desk.Destroy({}, Second(), {kName}, once).status()),
            Reason::kSignerUnavailable);
  EXPECT_EQ(TestOf(), Reason::kInternal) << "it is still there";
  EXPECT_EQ(ReasonOf(Withdraw(Second()).status()), Reason::kStateNotAllowed);
  const auto done = Destroy(Second(), once);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state, signing::KeyState::kDestroyed);
  EXPECT_FALSE(done->record.destroy_asked_at.has_value());
  EXPECT_EQ(TestOf(), Reason::kKeyUnknown);
  EXPECT_EQ(Events(storage::kKeyDestructionConfirmed), 1);
  EXPECT_EQ(Events(storage::kKeyDestroyed), 1);
}

// Without a name it would look as if somebody had confirmed it.
TEST_F(KeyDestruction, IsNotAskedForWithoutAName) {
  identity::Principal nameless = Operator();
  nameless.name.clear();
  EXPECT_EQ(ReasonOf(Destroy(nameless).status()), Reason::kPermissionDenied);
  EXPECT_EQ(Events(storage::kKeyDestructionAsked), 0);
}

// The key is gone, and its record does not say so yet: a repeat mends that.
TEST_F(KeyDestruction, GoesOnWhereTheRecordWasNotWritten) {
  ASSERT_TRUE(Destroy(Operator()).ok());
  clock_.Advance(kDestructionCoolDown);
  ASSERT_TRUE(signer_->Destroy({}, "acme", kName).ok());
  const auto done = Destroy(Second());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state, signing::KeyState::kDestroyed);
}

}  // namespace
}  // namespace masa::issuance
