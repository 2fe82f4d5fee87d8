#include "services/telemetry/store_metrics.h"

#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

prometheus::Family<prometheus::Gauge>& ConnectionGauges(
    prometheus::Registry& registry) {
  return prometheus::BuildGauge()
      .Name("masa_db_connections")
      .Help("Connections to the database, and callers who wait for one")
      .Register(registry);
}

prometheus::Histogram& Seconds(prometheus::Registry& registry, const char* name,
                               const char* help) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(registry)
      .Add({}, LatencyBuckets());
}

}  // namespace

StoreMetrics::StoreMetrics(prometheus::Registry& registry, int most_connections)
    : in_use_(ConnectionGauges(registry).Add({{"state", "in_use"}})),
      waiting_(ConnectionGauges(registry).Add({{"state", "waiting"}})),
      acquire_(Seconds(registry, "masa_db_acquire_seconds",
                       "How long callers waited for a connection")),
      transaction_(Seconds(registry, "masa_db_transaction_seconds",
                           "How long attempts at a transaction took")),
      queries_(prometheus::BuildHistogram()
                   .Name("masa_db_query_seconds")
                   .Help("How long statements took, by name")
                   .Register(registry)),
      in_doubt_(prometheus::BuildCounter()
                    .Name("masa_db_in_doubt_total")
                    .Help("Transactions of which nobody knows whether they are "
                          "stored")
                    .Register(registry)
                    .Add({})) {
  ConnectionGauges(registry)
      .Add({{"state", "limit"}})
      .Set(static_cast<double>(most_connections));
  auto& retries = prometheus::BuildCounter()
                      .Name("masa_db_retries_total")
                      .Help("Transactions that were tried again")
                      .Register(registry);
  // Serialisation, deadlock, a connection that broke, a server that stops.
  for (const char* sqlstate : {"40001", "40P01", "08000", "57P01", "other"}) {
    retries_[sqlstate] = &retries.Add({{"sqlstate", sqlstate}});
  }
}

void StoreMetrics::Connections(int in_use, int waiting) {
  in_use_.Set(in_use);
  waiting_.Set(waiting);
}

void StoreMetrics::Acquired(absl::Duration waited) {
  acquire_.Observe(absl::ToDoubleSeconds(waited));
}

void StoreMetrics::Attempted(absl::Duration took) {
  transaction_.Observe(absl::ToDoubleSeconds(took));
}

prometheus::Histogram& StoreMetrics::QueryOf(const char* statement) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = query_of_.find(statement);
    if (found != query_of_.end()) {
      return *found->second;
    }
  }
  // Who comes second is given the same series.
  absl::MutexLock lock(&mutex_);
  prometheus::Histogram*& query = query_of_[statement];
  if (query == nullptr) {
    query = &queries_.Add({{"statement", statement}}, LatencyBuckets());
  }
  return *query;
}

void StoreMetrics::Executed(const char* statement, absl::Duration took) {
  QueryOf(statement).Observe(absl::ToDoubleSeconds(took));
}

void StoreMetrics::Retried(const std::string& sqlstate) {
  const auto found = retries_.find(sqlstate);
  (found == retries_.end() ? retries_.at("other") : found->second)->Increment();
}

}  // namespace masa::telemetry
