#include "services/issuance/gathering_desk.h"

#include <future>
#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

// Answers with the body; the first batch waits until it is let go.
class EchoDesk final : public RegistrarDesk {
 public:
  void RequestVouchers(std::vector<PendingCall> calls) override {
    sizes.push_back(calls.size());
    began.HasBeenNotified() ? void() : began.Notify();
    released.WaitForNotification();
    for (PendingCall& one : calls) {
      one.respond(RegistrarAnswer{"voucher", one.call.body});
    }
  }
  absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) override {
    return RegistrarAnswer{"log", call.body};
  }
  std::vector<size_t> sizes;
  absl::Notification began, released;
};

using Answer = absl::StatusOr<RegistrarAnswer>;

std::future<Answer> Ask(RegistrarDesk& desk, const std::string& body) {
  auto answer = std::make_shared<std::promise<Answer>>();
  RegistrarCall call;
  call.body = body;
  std::vector<PendingCall> calls;
  calls.push_back(
      {call, [answer](Answer result) { answer->set_value(result); }});
  desk.RequestVouchers(std::move(calls));
  return answer->get_future();
}

TEST(GatheringDesk, DoesNotBlockAndEachCallGetsItsOwnAnswer) {
  EchoDesk echo;
  std::vector<std::future<Answer>> answers;
  {
    GatheringDesk desk(echo, {"g", 1, 16, 64});
    answers.push_back(Ask(desk, "0"));
    echo.began.WaitForNotification();
    for (const char* body : {"1", "2", "3"}) {
      answers.push_back(Ask(desk, body));
    }
    echo.released.Notify();
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].get()->body, std::to_string(i));
  }
  EXPECT_EQ(echo.sizes, (std::vector<size_t>{1, 3}));
}

TEST(GatheringDesk, RefusesAtOnceWhatItHasNoPlaceFor) {
  EchoDesk echo;
  GatheringDesk desk(echo, {"g", 1, 1, 64});
  auto first = Ask(desk, "0");
  echo.began.WaitForNotification();
  auto second = Ask(desk, "1");
  EXPECT_EQ(ReasonOf(Ask(desk, "2").get().status()), Reason::kOverloaded);
  echo.released.Notify();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
}

TEST(GatheringDesk, PassesTheAuditLogOn) {
  EchoDesk echo;
  GatheringDesk desk(echo, {});
  RegistrarCall call;
  call.body = "b";
  EXPECT_EQ(desk.RequestAuditLog(call)->content_type, "log");
}

}  // namespace
}  // namespace masa::issuance
