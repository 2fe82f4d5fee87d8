// The plain HTTP port of CRLs and OCSP: what they say is signed, so that it
// needs no TLS, and those who ask often have none yet.
#ifndef SERVICES_EDGE_STATUS_STATUS_SERVER_H_
#define SERVICES_EDGE_STATUS_STATUS_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/executor/executor.h"
#include "services/fetch/address_guard.h"
#include "services/issuance/status_desk.h"
#include "services/observe/clock.h"

namespace masa::edge {

struct StatusOptions {
  std::string listen = "127.0.0.1:0";              // port 0 takes a free one
  absl::Duration request_time = absl::Seconds(5);  // for either way
  absl::Duration kept = absl::Seconds(10);         // an answer, for all who ask
  size_t most_kept = 10'000;
  size_t most_connections = 1024;  // beyond: closed at once
  // The same of one address; none when zero.
  size_t source_connections = 0;
  // Balancers, which are not counted as sources.
  fetch::AddressGuard proxies = fetch::AddressGuard::Nobody();
};

// Serves from New to destruction.
class StatusServer {
 public:
  // kMisconfigured when the address cannot be listened on. `desk` is called on
  // `executor`; both and `clock` outlive the server.
  static absl::StatusOr<std::unique_ptr<StatusServer>> New(
      StatusOptions options, issuance::StatusDesk& desk, Executor& executor,
      const Clock& clock);
  ~StatusServer();

  int port() const;

 private:
  class Impl;
  explicit StatusServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_STATUS_STATUS_SERVER_H_
