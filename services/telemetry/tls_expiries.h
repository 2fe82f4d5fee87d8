// When this process's TLS certificates end, so that somebody renews them
// before.
#ifndef SERVICES_TELEMETRY_TLS_EXPIRIES_H_
#define SERVICES_TELEMETRY_TLS_EXPIRIES_H_

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace masa::telemetry {

// When the first certificate of the file, PEM, ends; nothing where none can be
// read.
std::optional<absl::Time> TlsNotAfter(const std::string& path);

class TlsExpiries {
 public:
  // Series masa_tls_cert_not_after_timestamp_seconds{role}. `registry` outlives
  // this.
  explicit TlsExpiries(prometheus::Registry& registry);

  // Reads the files, chains in PEM by role, anew: of each the first
  // certificate, 0 where there is none that can be read. Before each scrape, by
  // one thread at a time.
  void Update(const std::map<std::string, std::string>& files);

 private:
  prometheus::Family<prometheus::Gauge>& family_;
  std::map<std::string, prometheus::Gauge*> not_after_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_TLS_EXPIRIES_H_
