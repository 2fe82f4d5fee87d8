// Requests that come together: they share the statements, and nothing else.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class Batch : public Desk {
 protected:
  using Answers = std::vector<absl::StatusOr<RegistrarAnswer>>;

  Answers AskAll(const std::vector<std::string>& bodies) {
    Answers answers(bodies.size());
    std::vector<PendingCall> calls;
    for (size_t i = 0; i < bodies.size(); ++i) {
      calls.push_back({Call(bodies[i]),
                       [&answers, i](absl::StatusOr<RegistrarAnswer> answer) {
                         answers[i] = std::move(answer);
                       }});
    }
    registrar_desk_->RequestVouchers(std::move(calls));
    return answers;
  }
};

TEST_F(Batch, EachRequestHasItsOwnOutcome) {
  Import("S-2", "default");
  const std::string good = Request(kSerial);
  std::string broken = Request("S-2");
  broken.back() = static_cast<char>(broken.back() ^ 1);
  const Answers answers = AskAll({good, "garbage", Request("NONE"), broken,
                                  Request("S-2"), Request("OWNED-1")});
  EXPECT_EQ(Opened(answers[0]->body)->serial_number, kSerial);
  EXPECT_EQ(ReasonOf(answers[1].status()), Reason::kMalformed);
  EXPECT_EQ(ReasonOf(answers[2].status()), Reason::kDeviceUnknown);
  EXPECT_EQ(ReasonOf(answers[3].status()), Reason::kSignatureInvalid);
  EXPECT_EQ(Opened(answers[4]->body)->serial_number, "S-2");
  EXPECT_EQ(Opened(answers[5]->body)->serial_number, "OWNED-1");
  EXPECT_EQ(EventsOf(kSerial), 1u);
  EXPECT_EQ(EventsOf("S-2"), 1u);
}

// Devices, domains and the commit: one call of the store for each, however
// many ask.
TEST_F(Batch, SharesItsStatements) {
  ASSERT_TRUE(Ask(Request("OWNED-1")).ok());  // policies are read by now
  std::vector<std::string> bodies;
  for (int i = 0; i < 5; ++i) {
    const std::string serial = "B-" + std::to_string(i);
    Import(serial, "default");
    bodies.push_back(Request(serial));
  }
  const int before = store_.Calls();
  for (const auto& answer : AskAll(bodies)) {
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
  EXPECT_EQ(store_.Calls() - before, 3);
}

class NotedStages final : public Stages {
 public:
  void Run(Stage stage, size_t requests,
           absl::FunctionRef<void()> work) override {
    noted.emplace_back(stage, requests);
    work();
  }
  std::vector<std::pair<Stage, size_t>> noted;
};

TEST_F(Batch, GoesThroughEachStageOnce) {
  NotedStages stages;
  registrar_desk_ = std::make_unique<AnswerRegistrar>(
      Tools{store_, store_, store_, *signer_, verifier_, clock_, *policies_,
            *templates_, store_, store_, store_, stages});
  EXPECT_TRUE(AskAll({Request(kSerial), "garbage"})[0].ok());
  EXPECT_EQ(stages.noted,
            (std::vector<std::pair<Stage, size_t>>{{Stage::kVerify, 2},
                                                   {Stage::kResolve, 2},
                                                   {Stage::kDecide, 2},
                                                   {Stage::kSign, 2},
                                                   {Stage::kCommit, 2}}));
}

// The same request twice at once: one voucher, one event, the same bytes.
TEST_F(Batch, RepeatsWithinItGetOneVoucher) {
  const std::string body = Request(kSerial);
  const Answers answers = AskAll({body, body});
  ASSERT_TRUE(answers[0].ok()) << answers[0].status();
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(answers[0]->body, answers[1]->body);
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// RV-13: what is ambiguous by its serial number alone is asked for again with
// its issuer, in one more statement; the rest is not.
TEST_F(Batch, AsksAgainForAmbiguousSerialNumbersAlone) {
  for (const char* issuer : {"issuer-1", "issuer-2"}) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = "TWICE";
    device.idevid_issuer = issuer;
    device.product_id = "default";
    ASSERT_TRUE(
        store_
            .Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
            .ok());
  }
  RequestLeaves leaves = RegistrarLeaves("TWICE");
  leaves.idevid_issuer = wire::AuthorityKeyIdExtension("issuer-2");
  const std::string twice = Signed(leaves, registrar_, domain_ca_);
  ASSERT_TRUE(Ask(Request("OWNED-1")).ok());  // policies are read by now
  const int before = store_.Calls();
  const Answers answers = AskAll({twice, Request(kSerial)});
  EXPECT_EQ(Opened(answers[0]->body)->idevid_issuer,
            wire::AuthorityKeyIdExtension("issuer-2"));
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(store_.Calls() - before, 4);
}

// EP-44: the commit fails for all, and no voucher leaves.
TEST_F(Batch, NothingLeavesWhenTheCommitFails) {
  Import("S-2", "default");
  const std::vector<std::string> bodies = {Request(kSerial), Request("S-2")};
  ASSERT_TRUE(Ask(Request("OWNED-1")).ok());
  store_.Stop(true);
  for (const auto& answer : AskAll(bodies)) {
    EXPECT_EQ(ReasonOf(answer.status()), Reason::kStoreUnavailable);
  }
  store_.Stop(false);
  for (const auto& answer : AskAll(bodies)) {
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// What waited past its deadline is not begun; its neighbour is.
TEST_F(Batch, TheLateAreNotBegun) {
  Import("S-2", "default");
  Answers answers(2);
  std::vector<PendingCall> calls;
  for (size_t i = 0; i < 2; ++i) {
    calls.push_back({Call(Request(i == 0 ? kSerial : "S-2")),
                     [&answers, i](absl::StatusOr<RegistrarAnswer> answer) {
                       answers[i] = std::move(answer);
                     }});
  }
  calls[0].call.context.deadline = Noon();
  registrar_desk_->RequestVouchers(std::move(calls));
  EXPECT_EQ(ReasonOf(answers[0].status()), Reason::kDeadlineExceeded);
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(EventsOf(kSerial), 0u);
}

}  // namespace
}  // namespace masa::issuance
