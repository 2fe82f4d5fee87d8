#include "load-tests/hammer/runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>
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

// That nothing is left to ask for. Thread-safe.
class Exhausted {
 public:
  void Set() {
    {
      const std::lock_guard lock(mutex_);
      is_set_ = true;
    }
    changed_.notify_all();
  }

  bool IsSet() const { return is_set_; }

  // Until it is so, or that time has come.
  void WaitUntil(Point time) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, time, [this] { return is_set_.load(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> is_set_{false};
};

// What all clients share.
struct Plan {
  const Scenario& scenario;
  Point counted;  // from here on
  Point end;
  Pace pace;
  Exhausted exhausted;
  std::vector<std::atomic<int64_t>> answered;  // by second, for the progress

  Plan(const Scenario& asked, Point begin)
      : scenario(asked),
        counted(begin + Seconds(asked.warm_up_seconds())),
        end(counted + Seconds(asked.seconds())),
        pace(asked.rate(), begin),
        answered(static_cast<size_t>(std::ceil(asked.seconds()))) {}
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
    AskUntilTheEnd(plan);
    returned_ = Clock::now();
  }

  Point returned() const { return returned_; }

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
  void AskUntilTheEnd(Plan& plan) {
    for (Point due = plan.pace.NextDue();
         due < plan.end && !plan.exhausted.IsSet(); due = plan.pace.NextDue()) {
      std::this_thread::sleep_until(due);
      const int work = choose_(random_);
      const auto items = operations_[work]->Run();
      if (items.status().code() == absl::StatusCode::kOutOfRange) {
        plan.exhausted.Set();
        return;
      }
      if (due >= plan.counted) {
        Count(plan, work, due, items);
      }
    }
  }

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
  Point returned_;
};

void Report(Plan& plan, const std::function<void()>& begun,
            const Progress& progress) {
  plan.exhausted.WaitUntil(plan.counted);
  begun();
  for (int second = 0; plan.counted + Seconds(second + 1) <= plan.end;
       ++second) {
    plan.exhausted.WaitUntil(plan.counted + Seconds(second + 1));
    if (plan.exhausted.IsSet()) {
      return;
    }
    progress(second, plan.answered[static_cast<size_t>(second)]);
  }
}

// Until the last client was answered: what nobody worked in does not count.
absl::Duration TookOf(const Plan& plan,
                      const std::vector<std::unique_ptr<Client>>& clients) {
  Point last = plan.counted;
  for (const auto& client : clients) {
    last = std::max(last, client->returned());
  }
  return absl::FromChrono(last - plan.counted);
}

// Seconds that were worked in from begin to end.
size_t WholeSeconds(const Plan& plan, absl::Duration took) {
  const double worked = plan.exhausted.IsSet() ? absl::ToDoubleSeconds(took)
                                               : plan.scenario.seconds();
  return std::min(plan.answered.size(), static_cast<size_t>(worked));
}

}  // namespace

double Result::RateOf(int64_t count) const {
  return took > absl::ZeroDuration()
             ? static_cast<double>(count) / absl::ToDoubleSeconds(took)
             : 0;
}

std::string FaultOf(const Scenario& scenario) {
  if (scenario.clients() < 1 || scenario.seconds() <= 0 ||
      scenario.mix_size() == 0) {
    return "a scenario has clients, seconds and a mix";
  }
  // Without it a service that hardly answers would pass.
  return scenario.budget().least_rate() > 0
             ? ""
             : "a scenario's budget has a least_rate";
}

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
  result.took = TookOf(plan, clients);
  result.exhausted = plan.exhausted.IsSet();
  result.works.resize(scenario.mix_size());
  result.seconds.resize(plan.answered.size());
  for (const auto& client : clients) {
    client->AddTo(result);
  }
  result.seconds.resize(WholeSeconds(plan, result.took));
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
  const double rate = result.RateOf(all.count());
  if (all.count() == 0) {
    broken.push_back("nothing was answered");
  } else if (rate < budget.least_rate()) {
    broken.push_back(absl::StrCat(rate, " were answered in a second, not ",
                                  budget.least_rate()));
  }
  return broken;
}

}  // namespace masa::hammer
