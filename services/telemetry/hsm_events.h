// Makes a gauge and a log line of what a session pool tells about its tokens.
#ifndef SERVICES_TELEMETRY_HSM_EVENTS_H_
#define SERVICES_TELEMETRY_HSM_EVENTS_H_

#include <map>
#include <string>
#include <vector>

#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/signing/pkcs11/token_events.h"

namespace masa::telemetry {

// Thread-safe.
class HsmEvents final : public signing::TokenEvents {
 public:
  // Series masa_hsm_token_open{token}: 1 while it can sign. `registry` outlives
  // this.
  HsmEvents(prometheus::Registry& registry,
            const std::vector<std::string>& tokens);

  void TokenCame(const std::string& label) override;
  void TokenWent(const std::string& label, const std::string& why,
                 bool forever) override;

 private:
  std::map<std::string, prometheus::Gauge*> open_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_HSM_EVENTS_H_
