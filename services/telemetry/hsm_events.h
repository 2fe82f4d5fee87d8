// Makes series and log lines of what a session pool tells about its tokens.
#ifndef SERVICES_TELEMETRY_HSM_EVENTS_H_
#define SERVICES_TELEMETRY_HSM_EVENTS_H_

#include <map>
#include <string>
#include <vector>

#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/signing/pkcs11/token_events.h"

namespace masa::telemetry {

// Thread-safe.
class HsmEvents final : public signing::TokenEvents {
 public:
  // Series masa_hsm_token_open{token}: 1 while it can sign;
  // masa_signer_queue_depth, signatures that wait for a session;
  // masa_signer_queue_wait_seconds, how long each did; and
  // masa_signer_sessions{state,token}: busy, idle, lost, closed. `registry`
  // outlives this.
  HsmEvents(prometheus::Registry& registry,
            const std::vector<std::string>& tokens);

  void TokenCame(const std::string& label) override;
  void TokenWent(const std::string& label, const std::string& why,
                 bool forever) override;
  void Waited(absl::Duration waited) override;

  // Before each scrape, of a pool with these tokens.
  void Measure(const signing::PoolLoad& load);

 private:
  struct Sessions {
    prometheus::Gauge &busy, &idle, &lost, &closed;
  };

  std::map<std::string, prometheus::Gauge*> open_;
  std::map<std::string, Sessions> sessions_;  // by token
  prometheus::Gauge& depth_;
  prometheus::Histogram& wait_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_HSM_EVENTS_H_
