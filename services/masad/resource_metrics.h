// What a process says of itself besides its work: its resources, and when its
// TLS certificates end.
#ifndef SERVICES_MASAD_RESOURCE_METRICS_H_
#define SERVICES_MASAD_RESOURCE_METRICS_H_

#include <map>
#include <string>

#include "services/config/check_config.h"
#include "services/masad/files.h"
#include "services/telemetry/process_metrics.h"
#include "services/telemetry/tls_expiries.h"

namespace masa::masad {

// The chains that a process of these roles shows in TLS, as files by what they
// are shown for: `edge:HOST`, `edge_to_authority`, `internal`, `api`,
// `authority_to_signer`, `signer`, `admin`.
std::map<std::string, std::string> ChainsOf(const Setup& setup,
                                            const config::Roles& roles);

class ResourceMetrics {
 public:
  // `registry` outlives this.
  explicit ResourceMetrics(prometheus::Registry& registry)
      : process_(registry), certificates_(registry) {}

  // Before each scrape, by one thread at a time. `chains` are files by role, as
  // the configuration has them that was taken last.
  void Update(const std::map<std::string, std::string>& chains) {
    process_.Update();
    certificates_.Update(chains);
  }

 private:
  telemetry::ProcessMetrics process_;
  telemetry::TlsExpiries certificates_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_RESOURCE_METRICS_H_
