// When this process's TLS certificates end, so that somebody renews them
// before.
#ifndef SERVICES_TELEMETRY_TLS_EXPIRIES_H_
#define SERVICES_TELEMETRY_TLS_EXPIRIES_H_

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace masa::telemetry {

// When the first certificate of the file, PEM, ends; nothing where none can be
// read.
std::optional<absl::Time> TlsNotAfter(const std::string& path);

class TlsExpiries {
 public:
  // Series masa_tls_cert_not_after_timestamp_seconds{role}, for each role of
  // `files`: the first certificate of a chain in PEM. 0 where there is none
  // that can be read. `registry` outlives this.
  TlsExpiries(prometheus::Registry& registry,
              std::map<std::string, std::string> files);

  // Reads the files anew: before each scrape, by one thread at a time.
  void Update();

 private:
  const std::map<std::string, std::string> files_;
  std::map<std::string, prometheus::Gauge*> not_after_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_TLS_EXPIRIES_H_
