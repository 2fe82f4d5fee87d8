#include "load-tests/hammer/runner.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

namespace masa::hammer {
namespace {

// Counts its calls; the first of all takes as long as `first_takes`.
class Counted final : public Operation {
 public:
  struct All {
    absl::Mutex mutex;
    int calls = 0;
    int most = 1 << 30;
    absl::Duration first_takes;
    absl::Status answer;
  };
  explicit Counted(All& all) : all_(all) {}

  absl::StatusOr<int> Run() override {
    bool first;
    {
      absl::MutexLock lock(&all_.mutex);
      if (all_.calls == all_.most) {
        return absl::OutOfRangeError("no more");
      }
      first = all_.calls++ == 0;
    }
    if (first) {
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(all_.first_takes));
    }
    return all_.answer.ok() ? absl::StatusOr<int>(3) : all_.answer;
  }

 private:
  All& all_;
};

Scenario ScenarioOf(double rate, double seconds, int clients) {
  Scenario scenario;
  scenario.add_mix()->set_kind(Work::KIND_RESOLVE);
  scenario.set_rate(rate);
  scenario.set_seconds(seconds);
  scenario.set_clients(clients);
  return scenario;
}

Result RunOn(const Scenario& scenario, Counted::All& all) {
  return Run(
      scenario,
      [&all](const Work&, int) { return std::make_unique<Counted>(all); },
      [] {}, [](int, int64_t) {});
}

TEST(Run, SendsAtTheScenariosPace) {
  Counted::All all;
  const Result result = RunOn(ScenarioOf(200, 0.5, 2), all);
  EXPECT_EQ(all.calls, 100);
  EXPECT_EQ(result.works[0].latency.count(), 100);
  EXPECT_EQ(result.works[0].items, 300);
  EXPECT_FALSE(result.exhausted);
}

// One client that hangs at first: those that were due meanwhile have waited.
TEST(Run, CountsLatencyFromWhenARequestWasDue) {
  Counted::All all;
  all.first_takes = absl::Milliseconds(300);
  const Result result = RunOn(ScenarioOf(100, 0.4, 1), all);
  EXPECT_EQ(all.calls, 40);
  EXPECT_GE(result.works[0].latency.Quantile(0.5), absl::Milliseconds(100));
}

TEST(Run, EndsWhenNothingIsLeftToAskFor) {
  Counted::All all;
  all.most = 10;
  const Result result = RunOn(ScenarioOf(0, 3600, 4), all);
  EXPECT_TRUE(result.exhausted);
  EXPECT_EQ(result.works[0].latency.count(), 10);
  EXPECT_TRUE(result.seconds.empty());
}

// It does not wait for the end of the second in which nothing was left: that
// would be idle time among what it took.
TEST(Run, WaitsForNothingWhenNothingIsLeft) {
  Counted::All all;
  all.most = 10;
  int seconds_waited = 0;
  const Result result = hammer::Run(
      ScenarioOf(0, 3600, 4),
      [&all](const Work&, int) { return std::make_unique<Counted>(all); },
      [] {}, [&seconds_waited](int, int64_t) { ++seconds_waited; });
  EXPECT_EQ(seconds_waited, 0);
  EXPECT_GT(result.took, absl::ZeroDuration());
  EXPECT_EQ(result.RateOf(10), 10 / absl::ToDoubleSeconds(result.took));
}

TEST(Run, HasWholeSecondsOfItsTime) {
  Counted::All all;
  EXPECT_EQ(RunOn(ScenarioOf(50, 1.5, 1), all).seconds.size(), 1u);
}

// As when a service refuses at once what it should do.
TEST(Run, MayEndInTheWarmUp) {
  Counted::All all;
  all.most = 10;
  Scenario scenario = ScenarioOf(0, 1, 2);
  scenario.set_warm_up_seconds(3600);
  const Result result = RunOn(scenario, all);
  EXPECT_EQ(result.works[0].latency.count(), 0);
  EXPECT_EQ(result.RateOf(0), 0);
  EXPECT_EQ(BrokenBudgets(scenario, result).size(), 1u);
}

TEST(Run, DoesNotCountTheWarmUp) {
  Counted::All all;
  Scenario scenario = ScenarioOf(100, 0.2, 1);
  scenario.set_warm_up_seconds(0.3);
  const Result result = RunOn(scenario, all);
  EXPECT_EQ(all.calls, 50);
  EXPECT_EQ(result.works[0].latency.count(), 20);
}

TEST(BrokenBudgets, SayWhatDoesNotHold) {
  Counted::All all;
  Scenario scenario = ScenarioOf(100, 0.2, 1);
  EXPECT_TRUE(BrokenBudgets(scenario, RunOn(scenario, all)).empty());
  scenario.mutable_budget()->set_least_rate(1000);
  scenario.mutable_budget()->set_p99_ms(0.0001);
  EXPECT_EQ(BrokenBudgets(scenario, RunOn(scenario, all)).size(), 2u);
  all.answer = absl::UnknownError("503");
  const Result failed = RunOn(scenario, all);
  EXPECT_EQ(failed.works[0].failed, 20);
  EXPECT_NE(failed.works[0].fault.find("503"), std::string::npos);
  EXPECT_EQ(BrokenBudgets(ScenarioOf(100, 0.2, 1), failed).size(), 2u);
}

TEST(FaultOf, ASpeedIsAskedForInEveryScenario) {
  Scenario scenario = ScenarioOf(0, 1, 1);
  EXPECT_NE(FaultOf(scenario).find("least_rate"), std::string::npos);
  scenario.mutable_budget()->set_least_rate(1);
  EXPECT_EQ(FaultOf(scenario), "");
  scenario.set_clients(0);
  EXPECT_NE(FaultOf(scenario).find("clients"), std::string::npos);
}

}  // namespace
}  // namespace masa::hammer
