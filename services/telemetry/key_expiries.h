// A gauge for the end of each signing certificate, and a log line while there
// is time to act.
#ifndef SERVICES_TELEMETRY_KEY_EXPIRIES_H_
#define SERVICES_TELEMETRY_KEY_EXPIRIES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/issuance/key_desk.h"

namespace masa::telemetry {

// Not thread-safe: one loop calls it.
class KeyExpiries {
 public:
  // Series masa_signer_key_not_after_timestamp_seconds{key,version}, of keys
  // that policies name. `registry` outlives this.
  explicit KeyExpiries(prometheus::Registry& registry);

  // What stands now; series of versions that are gone go. Warns of each
  // certificate once when 30 days, 7 days and a day are left, and when it has
  // ended, unless a later version is there.
  void Update(const std::vector<issuance::KeyExpiry>& expiries, absl::Time now);

 private:
  using Name = std::pair<std::string, std::string>;  // key and version

  void Warn(const issuance::KeyExpiry& expiry, absl::Time now);

  prometheus::Family<prometheus::Gauge>& family_;
  std::map<Name, prometheus::Gauge*> gauges_;
  std::map<Name, int> warned_;  // of how many steps
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_KEY_EXPIRIES_H_
