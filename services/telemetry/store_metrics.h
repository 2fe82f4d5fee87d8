// What the pool of connections to the database tells, as series.
#ifndef SERVICES_TELEMETRY_STORE_METRICS_H_
#define SERVICES_TELEMETRY_STORE_METRICS_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "storage/postgres/store_events.h"

namespace masa::telemetry {

// Thread-safe.
class StoreMetrics final : public storage::StoreEvents {
 public:
  // Series masa_db_connections{state} with state in_use, waiting (callers) and
  // limit; masa_db_acquire_seconds; masa_db_transaction_seconds;
  // masa_db_query_seconds{statement}; masa_db_retries_total{sqlstate};
  // masa_db_in_doubt_total. `registry` outlives this.
  StoreMetrics(prometheus::Registry& registry, int most_connections);

  void Connections(int in_use, int waiting) override;
  void Acquired(absl::Duration waited) override;
  void Attempted(absl::Duration took) override;
  // The series of a statement is made when it first runs, and looked up from
  // then on: a role has series of what it asks, not of every statement there
  // is. Names are constants, so their set is closed.
  void Executed(const char* statement, absl::Duration took) override;
  void Retried(const std::string& sqlstate) override;
  void InDoubt() override { in_doubt_.Increment(); }

 private:
  prometheus::Histogram& QueryOf(const char* statement);

  prometheus::Gauge &in_use_, &waiting_;
  prometheus::Histogram &acquire_, &transaction_;
  prometheus::Family<prometheus::Histogram>& queries_;
  prometheus::Counter& in_doubt_;
  std::map<std::string, prometheus::Counter*> retries_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, prometheus::Histogram*> query_of_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_STORE_METRICS_H_
