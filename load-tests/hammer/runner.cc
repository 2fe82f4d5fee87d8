#include "load-tests/hammer/runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"

namespace masa::hammer {
namespace {

using Clock = std::chrono::steady_clock;
using Point = Clock::time_point;

Clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(seconds));
}

// When each request is due, for all clients together.
class Pace {
 public:
  Pace(double rate, Point begin) : rate_(rate), begin_(begin) {}

  Point NextDue() {
    if (rate_ <= 0) {
      return Clock::now();
    }
    const auto number = static_cast<double>(next_.fetch_add(1));
    return begin_ + Seconds(number / rate_);
  }

 private:
  const double rate_;
  const Point begin_;
  std::atomic<int64_t> next_{0};
};

// What all clients share.
struct Plan {
  const Scenario& scenario;
  Point counted;  // from here on
  Point end;
  Pace pace;
  std::atomic<bool> exhausted{false};
  std::vector<std::atomic<int64_t>> answered;  // by second, for the progress

  Plan(const Scenario& asked, Point begin)
      : scenario(asked),
        counted(begin + Seconds(asked.warm_up_seconds())),
        end(counted + Seconds(asked.seconds())),
        pace(asked.rate(), begin),
        answered(static_cast<size_t>(asked.seconds()) + 2) {}
};

class Client {
 public:
  // Connects.
  Client(const Scenario& scenario, const MakeOperation& make, int number)
      : random_(number), works_(scenario.mix_size()) {
    std::vector<double> shares;
    for (const Work& work : scenario.mix()) {
      operations_.push_back(make(work, number));
      shares.push_back(work.share() == 0 ? 1 : work.share());
    }
    choose_ = std::discrete_distribution<int>(shares.begin(), shares.end());
  }

  void Run(Plan& plan) {
    seconds_.resize(plan.answered.size());
    for (Point due = plan.pace.NextDue(); due < plan.end && !plan.exhausted;
         due = plan.pace.NextDue()) {
      std::this_thread::sleep_until(due);
      const int work = choose_(random_);
      const auto items = operations_[work]->Run();
      if (items.status().code() == absl::StatusCode::kOutOfRange) {
        plan.exhausted = true;
        return;
      }
      if (due >= plan.counted) {
        Count(plan, work, due, items);
      }
    }
  }

  void AddTo(Result& result) const {
    for (size_t i = 0; i < works_.size(); ++i) {
      WorkResult& sum = result.works[i];
      sum.latency.Add(works_[i].latency);
      sum.items += works_[i].items;
      sum.failed += works_[i].failed;
      sum.fault = works_[i].fault.empty() ? sum.fault : works_[i].fault;
    }
    for (size_t i = 0; i < seconds_.size(); ++i) {
      result.seconds[i].latency.Add(seconds_[i].latency);
      result.seconds[i].failed += seconds_[i].failed;
    }
  }

 private:
  void Count(Plan& plan, int work, Point due,
             const absl::StatusOr<int>& items) {
    const absl::Duration took = absl::FromChrono(Clock::now() - due);
    const size_t at = std::min(
        seconds_.size() - 1,
        static_cast<size_t>(
            std::chrono::duration_cast<std::chrono::seconds>(due - plan.counted)
                .count()));
    if (!items.ok()) {
      ++works_[work].failed;
      ++seconds_[at].failed;
      works_[work].fault = items.status().ToString();
      return;
    }
    works_[work].items += *items;
    works_[work].latency.Record(took);
    seconds_[at].latency.Record(took);
    ++plan.answered[at];
  }

  std::mt19937 random_;
  std::discrete_distribution<int> choose_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::vector<WorkResult> works_;
  std::vector<Second> seconds_;
};

void Report(Plan& plan, const std::function<void()>& begun,
            const Progress& progress) {
  std::this_thread::sleep_until(plan.counted);
  begun();
  for (int second = 0;
       plan.counted + Seconds(second + 1) <= plan.end && !plan.exhausted;
       ++second) {
    std::this_thread::sleep_until(plan.counted + Seconds(second + 1));
    progress(second, plan.answered[static_cast<size_t>(second)]);
  }
}

}  // namespace

Result Run(const Scenario& scenario, const MakeOperation& make,
           const std::function<void()>& begun, const Progress& progress) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < scenario.clients(); ++i) {
    clients.push_back(std::make_unique<Client>(scenario, make, i));
  }
  Plan plan(scenario, Clock::now());
  std::vector<std::thread> threads;
  for (auto& client : clients) {
    threads.emplace_back([&client, &plan] { client->Run(plan); });
  }
  Report(plan, begun, progress);
  for (std::thread& thread : threads) {
    thread.join();
  }
  Result result;
  result.took = absl::FromChrono(Clock::now() - plan.counted);
  result.exhausted = plan.exhausted;
  result.works.resize(scenario.mix_size());
  result.seconds.resize(plan.answered.size());
  for (const auto& client : clients) {
    client->AddTo(result);
  }
  return result;
}

std::vector<std::string> BrokenBudgets(const Scenario& scenario,
                                       const Result& result) {
  const Budget& budget = scenario.budget();
  Histogram all;
  int64_t failed = 0;
  for (const WorkResult& work : result.works) {
    all.Add(work.latency);
    failed += work.failed;
  }
  std::vector<std::string> broken;
  const double p99 = absl::ToDoubleMilliseconds(all.Quantile(0.99));
  if (budget.p99_ms() > 0 && p99 > budget.p99_ms()) {
    broken.push_back(
        absl::StrCat("p99 is ", p99, " ms, not ", budget.p99_ms()));
  }
  const double share =
      static_cast<double>(failed) /
      static_cast<double>(std::max<int64_t>(1, failed + all.count()));
  if (share > budget.failed_share()) {
    broken.push_back(absl::StrCat("a share of ", share, " failed, not ",
                                  budget.failed_share()));
  }
  const double rate =
      static_cast<double>(all.count()) / absl::ToDoubleSeconds(result.took);
  if (rate < budget.least_rate()) {
    broken.push_back(absl::StrCat(rate, " were answered in a second, not ",
                                  budget.least_rate()));
  }
  return broken;
}

}  // namespace masa::hammer
