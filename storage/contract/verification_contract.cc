#include "storage/contract/verification_contract.h"

#include <atomic>
#include <thread>

#include "services/status/reason.h"

namespace masa::storage {
namespace {

using v1::AUDIT_VERIFICATION_STATE_ENDED;
using v1::AUDIT_VERIFICATION_STATE_PENDING;
using v1::AUDIT_VERIFICATION_STATE_RUNNING;

VerificationKey Key(char id, const std::string& tenant = "a") {
  return {tenant, std::string(16, id)};
}

AuditVerification Make(char id, absl::Time at,
                       const std::string& tenant = "a") {
  AuditVerification made;
  made.set_tenant_id(tenant);
  made.set_verification_id(std::string(16, id));
  made.set_actor("op");
  made.set_state(AUDIT_VERIFICATION_STATE_PENDING);
  made.set_size(7);
  made.set_note("a note");
  made.add_edge()->set_hashes(std::string("\0\xff", 2));
  made.set_created_at(absl::ToUnixMicros(at));
  made.set_updated_at(absl::ToUnixMicros(at));
  return made;
}

std::optional<OnceOrder> Once(const std::string& id, char digest) {
  return OnceOrder{{"a", "op", id}, std::string(32, digest)};
}

VerificationPlan Take(absl::Time until) {
  return [until](const AuditVerification& stored)
             -> absl::StatusOr<VerificationChange> {
    if (!stored.holder().empty()) {
      return Refuse(Reason::kStoreConflict, "another one has it");
    }
    VerificationChange change{stored};
    change.verification.set_state(AUDIT_VERIFICATION_STATE_RUNNING);
    change.verification.set_holder(std::string(16, 'h'));
    change.verification.set_lease_until(absl::ToUnixMicros(until));
    return change;
  };
}

VerificationPlan End(absl::Time at) {
  return [at](const AuditVerification& stored) {
    VerificationChange change{stored, kAuditVerificationEnded};
    change.verification.set_state(AUDIT_VERIFICATION_STATE_ENDED);
    change.verification.set_ended_at(absl::ToUnixMicros(at));
    return change;
  };
}

std::string Ids(const absl::StatusOr<std::vector<AuditVerification>>& all) {
  EXPECT_TRUE(all.ok()) << all.status();
  std::string ids;
  for (const AuditVerification& one : *all) {
    ids += one.verification_id().substr(0, 1);
  }
  return ids;
}

Reason ReasonIn(const absl::StatusOr<AuditVerification>& one) {
  return one.ok() ? Reason::kInternal : ReasonOf(one.status());
}

}  // namespace

void VerificationContract::SetUp() {
  under_test_ = GetParam()();
  ASSERT_NE(under_test_, nullptr);
}

TEST_P(VerificationContract, WhatWasStartedIsReadAsItWas) {
  const AuditVerification made = Make('1', now_);
  const auto started = store().StartVerification(context_, now_, made, {});
  ASSERT_TRUE(started.ok()) << started.status();
  const auto read = store().GetVerification(context_, Key('1'));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), made.SerializeAsString());
  EXPECT_EQ(CountEvents(kAuditVerificationStarted), 1);
  EXPECT_EQ(ReasonIn(store().GetVerification(context_, Key('1', "b"))),
            Reason::kJobUnknown);
  EXPECT_EQ(ReasonIn(store().GetVerification(context_, Key('2'))),
            Reason::kJobUnknown);
  EXPECT_EQ(ReasonIn(store().GetVerification(context_, {"a", "short"})),
            Reason::kJobUnknown);
}

TEST_P(VerificationContract, WhatCannotBeStoredIsRefused) {
  for (const auto& change :
       std::vector<std::function<void(AuditVerification&)>>{
           [](auto& one) { one.set_verification_id("short"); },
           [](auto& one) { one.set_tenant_id(""); },
           [](auto& one) { one.set_tenant_id("\0a"); },
           [](auto& one) { one.set_actor("\xc3"); }}) {
    AuditVerification made = Make('1', now_);
    change(made);
    EXPECT_EQ(ReasonIn(store().StartVerification(context_, now_, made, {})),
              Reason::kInvalidArgument);
  }
  EXPECT_EQ(CountEvents(kAuditVerificationStarted), 0);
}

TEST_P(VerificationContract, ARepeatStartsNothing) {
  const auto first = store().StartVerification(context_, now_, Make('1', now_),
                                               Once("r", 'd'));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(store()
                  .ChangeVerification(context_, "op", now_, Key('1'),
                                      Take(now_ + absl::Seconds(9)))
                  .ok());
  const auto again = store().StartVerification(context_, now_, Make('2', now_),
                                               Once("r", 'd'));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->verification_id(), std::string(16, '1'));
  EXPECT_EQ(again->state(), AUDIT_VERIFICATION_STATE_RUNNING) << "as it is now";
  EXPECT_EQ(ReasonIn(store().StartVerification(context_, now_, Make('3', now_),
                                               Once("r", 'x'))),
            Reason::kRequestIdReused);
  EXPECT_EQ(CountEvents(kAuditVerificationStarted), 1);
}

TEST_P(VerificationContract, AreListedNewestFirstAndInPages) {
  for (const char id : {'1', '3', '2'}) {
    ASSERT_TRUE(
        store().StartVerification(context_, now_, Make(id, now_), {}).ok());
  }
  ASSERT_TRUE(
      store().StartVerification(context_, now_, Make('4', now_, "b"), {}).ok());
  EXPECT_EQ(Ids(store().ListVerifications(context_, "a", "", 9)), "321");
  EXPECT_EQ(Ids(store().ListVerifications(context_, "a", "", 2)), "32");
  EXPECT_EQ(
      Ids(store().ListVerifications(context_, "a", std::string(16, '2'), 9)),
      "1");
  EXPECT_EQ(Ids(store().ListVerifications(context_, "c", "", 9)), "");
}

TEST_P(VerificationContract, ThoseThatNobodyRunsAreReadyTheOldestFirst) {
  for (const char id : {'1', '2', '3'}) {
    ASSERT_TRUE(store()
                    .StartVerification(context_, now_,
                                       Make(id, now_ - absl::Seconds(id - '0')),
                                       {})
                    .ok());
  }
  EXPECT_EQ(Ids(store().ListReadyVerifications(context_, now_, 9)), "321");
  EXPECT_EQ(Ids(store().ListReadyVerifications(context_, now_, 1)), "3");
  ASSERT_TRUE(store()
                  .ChangeVerification(context_, "op", now_, Key('3'),
                                      Take(now_ + absl::Seconds(10)))
                  .ok());
  ASSERT_TRUE(store()
                  .ChangeVerification(context_, "op", now_, Key('2'), End(now_))
                  .ok());
  EXPECT_EQ(Ids(store().ListReadyVerifications(context_, now_, 9)), "1");
  EXPECT_EQ(Ids(store().ListReadyVerifications(context_,
                                               now_ + absl::Seconds(10), 9)),
            "13")
      << "its lease has ended";
}

TEST_P(VerificationContract, AChangeIsWrittenWithItsEventOrNotAtAll) {
  ASSERT_TRUE(
      store().StartVerification(context_, now_, Make('1', now_), {}).ok());
  const auto ended =
      store().ChangeVerification(context_, "op", now_, Key('1'), End(now_));
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(store().GetVerification(context_, Key('1'))->state(),
            AUDIT_VERIFICATION_STATE_ENDED);
  EXPECT_EQ(CountEvents(kAuditVerificationEnded), 1);
  const auto refused = store().ChangeVerification(
      context_, "op", now_, Key('1'),
      [](const AuditVerification&) -> absl::StatusOr<VerificationChange> {
        return Refuse(Reason::kJobEnded, "it has ended");
      });
  EXPECT_EQ(ReasonIn(refused), Reason::kJobEnded);
  EXPECT_EQ(ReasonIn(store().ChangeVerification(context_, "op", now_, Key('9'),
                                                End(now_))),
            Reason::kJobUnknown);
  EXPECT_EQ(CountEvents(kAuditVerificationEnded), 1);
}

TEST_P(VerificationContract, OfManyThatTakeItAtOnceOneHasIt) {
  ASSERT_TRUE(
      store().StartVerification(context_, now_, Make('1', now_), {}).ok());
  constexpr int kThreads = 6;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto one = store().ChangeVerification(
          context_, "op", now_, Key('1'), Take(now_ + absl::Seconds(9)));
      taken += one.ok() ? 1 : 0;
      EXPECT_TRUE(one.ok() || ReasonIn(one) == Reason::kStoreConflict)
          << one.status();
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(taken, 1);
}

}  // namespace masa::storage
