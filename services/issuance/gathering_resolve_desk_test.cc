#include "services/issuance/gathering_resolve_desk.h"

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

// Answers with the serial number; the first batch waits until it is let go.
class EchoDesk final : public ResolveDesk {
 public:
  void Resolve(std::vector<PendingResolve> calls) override {
    sizes.push_back(calls.size());
    began.HasBeenNotified() ? void() : began.Notify();
    released.WaitForNotification();
    for (PendingResolve& one : calls) {
      one.respond(Echo(one.question));
    }
  }
  absl::StatusOr<std::vector<absl::StatusOr<Ownership>>> ResolveAll(
      const RequestContext&, const identity::Principal&,
      absl::Span<const OwnershipQuestion> questions) override {
    std::vector<absl::StatusOr<Ownership>> answers;
    for (const OwnershipQuestion& question : questions) {
      answers.push_back(Echo(question));
    }
    return answers;
  }
  std::vector<size_t> sizes;
  absl::Notification began, released;

 private:
  static Ownership Echo(const OwnershipQuestion& question) {
    Ownership answer;
    answer.device.serial_number = question.device.serial_number;
    return answer;
  }
};

using Answer = absl::StatusOr<Ownership>;

std::future<Answer> Ask(ResolveDesk& desk, const std::string& serial) {
  auto answer = std::make_shared<std::promise<Answer>>();
  std::vector<PendingResolve> calls;
  calls.push_back({{}, {}, {{"", serial, {}}, ""}, [answer](Answer result) {
                     answer->set_value(result);
                   }});
  desk.Resolve(std::move(calls));
  return answer->get_future();
}

TEST(GatheringResolveDesk, DoesNotBlockAndEachQuestionGetsItsOwnAnswer) {
  EchoDesk echo;
  std::vector<std::future<Answer>> answers;
  {
    GatheringResolveDesk desk(echo, {"g", 1, 16, 64});
    answers.push_back(Ask(desk, "0"));
    echo.began.WaitForNotification();
    for (const char* serial : {"1", "2", "3"}) {
      answers.push_back(Ask(desk, serial));
    }
    echo.released.Notify();
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].get()->device.serial_number, std::to_string(i));
  }
  EXPECT_EQ(echo.sizes, (std::vector<size_t>{1, 3}));
}

TEST(GatheringResolveDesk, RefusesAtOnceWhatItHasNoPlaceFor) {
  EchoDesk echo;
  GatheringResolveDesk desk(echo, {"g", 1, 1, 64});
  auto first = Ask(desk, "0");
  echo.began.WaitForNotification();
  auto second = Ask(desk, "1");
  EXPECT_EQ(ReasonOf(Ask(desk, "2").get().status()), Reason::kOverloaded);
  echo.released.Notify();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
}

TEST(GatheringResolveDesk, PassesOnWhatComesGathered) {
  EchoDesk echo;
  GatheringResolveDesk desk(echo, {});
  const auto answers = desk.ResolveAll(
      {}, {}, std::vector<OwnershipQuestion>{{{"", "S", {}}, ""}});
  EXPECT_EQ(answers->front()->device.serial_number, "S");
}

}  // namespace
}  // namespace masa::issuance
