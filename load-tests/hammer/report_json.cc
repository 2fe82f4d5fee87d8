#include "load-tests/hammer/report_json.h"

#include "nlohmann/json.hpp"

namespace masa::hammer {
namespace {

using Json = nlohmann::ordered_json;

Json LatencyOf(const Histogram& latency) {
  const auto millis = [&latency](double q) {
    return absl::ToDoubleMilliseconds(latency.Quantile(q));
  };
  return {{"p50_ms", millis(0.5)},
          {"p90_ms", millis(0.9)},
          {"p99_ms", millis(0.99)},
          {"p999_ms", millis(0.999)},
          {"max_ms", absl::ToDoubleMilliseconds(latency.max())}};
}

Json WorkOf(const Work& work, const WorkResult& result, double rate) {
  Json told = {{"kind", Work::Kind_Name(work.kind())}};
  if (!work.format().empty()) {
    told["format"] = work.format();
  }
  if (work.batch() > 0) {
    told["batch"] = work.batch();
  }
  told["one_shot"] = work.one_shot();
  told["answered"] = result.latency.count();
  told["items"] = result.items;
  told["items_per_second"] = rate;
  told["failed"] = result.failed;
  told["fault"] = result.fault;
  told["latency"] = LatencyOf(result.latency);
  return told;
}

Json JsonOf(const Limit& limit) {
  Json parts = Json::array();
  double sum = 0;
  for (const Part& part : limit) {
    parts.push_back({{"what", part.what}, {"us_per_item", part.microseconds}});
    sum += part.microseconds;
  }
  return {{"us_per_item", sum}, {"parts", std::move(parts)}};
}

}  // namespace

std::string ReportJson(const Scenario& scenario, const Result& result,
                       const Limit& limit, double cpu_seconds) {
  Json works = Json::array(), timeline = Json::array();
  Histogram all;
  int64_t items = 0, failed = 0;
  for (int i = 0; i < scenario.mix_size(); ++i) {
    const WorkResult& work = result.works[static_cast<size_t>(i)];
    works.push_back(WorkOf(scenario.mix(i), work, result.RateOf(work.items)));
    all.Add(work.latency);
    items += work.items;
    failed += work.failed;
  }
  for (const Second& second : result.seconds) {
    timeline.push_back(
        {{"answered", second.latency.count()},
         {"failed", second.failed},
         {"p50_ms", absl::ToDoubleMilliseconds(second.latency.Quantile(0.5))},
         {"p99_ms",
          absl::ToDoubleMilliseconds(second.latency.Quantile(0.99))}});
  }
  Json told = {{"scenario", scenario.name()},
               {"clients", scenario.clients()},
               {"rate_asked", scenario.rate()},
               {"seconds", absl::ToDoubleSeconds(result.took)},
               {"answered", all.count()},
               {"items", items},
               {"items_per_second", result.RateOf(items)},
               {"failed", failed},
               {"latency", LatencyOf(all)},
               {"ended_early", result.exhausted}};
  if (scenario.has_curve()) {
    told["curve"] = {{"name", scenario.curve().name()},
                     {"size", scenario.curve().size()}};
  }
  if (cpu_seconds > 0 && items > 0) {
    told["cpu_us_per_item"] = cpu_seconds / static_cast<double>(items) * 1e6;
  }
  if (!limit.empty()) {
    told["limit"] = JsonOf(limit);
    if (told.contains("cpu_us_per_item")) {
      told["ratio"] = told["limit"]["us_per_item"].get<double>() /
                      told["cpu_us_per_item"].get<double>();
    }
  }
  told["broken_budgets"] = BrokenBudgets(scenario, result);
  told["works"] = std::move(works);
  told["timeline"] = std::move(timeline);
  return told.dump(1) + "\n";
}

}  // namespace masa::hammer
