// A gauge for each key that products name, and a log line when it stops
// signing for them: it is no reason to take the process out, so somebody has to
// be told.
#ifndef SERVICES_TELEMETRY_KEY_HEALTHS_H_
#define SERVICES_TELEMETRY_KEY_HEALTHS_H_

#include <map>
#include <string>

#include "absl/types/span.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/issuance/key_desk.h"

namespace masa::telemetry {

// Not thread-safe: one loop calls it.
class KeyHealths {
 public:
  // Series masa_signer_key_usable{key}: 1 when every tenant whose products name
  // the key can have it sign, else 0. `registry` outlives this.
  explicit KeyHealths(prometheus::Registry& registry);

  // What stands now; series of keys that are gone go. Logs each change.
  void Update(absl::Span<const issuance::KeyHealth> keys);

 private:
  struct Series {
    prometheus::Gauge* gauge;
    bool usable = true;
  };

  prometheus::Family<prometheus::Gauge>& family_;
  std::map<std::string, Series> series_;  // by key
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_KEY_HEALTHS_H_
