// The HTTPS face of BRSKI-MASA (RFC 8995 sections 5.4 to 5.8) and of EST (RFC
// 7030): TLS, HTTP, limits and routes. It judges nothing about a request's
// content; it calls the desk and translates the outcome.
#ifndef SERVICES_EDGE_HTTPS_EDGE_H_
#define SERVICES_EDGE_HTTPS_EDGE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/edge/edge_options.h"
#include "services/executor/executor.h"
#include "services/issuance/enrollment_desk.h"
#include "services/issuance/pledge_desk.h"
#include "services/issuance/registrar_desk.h"
#include "services/observe/edge_events.h"

namespace masa::edge {

// Serves from New to Drain or destruction. Thread-safe, except that the owner
// destroys it and calls Drain from a thread of its own.
class HttpsEdge {
 public:
  // Listens and serves at once. kMisconfigured when an address, port,
  // certificate, key or path cannot be used. `desk`, which does not block where
  // vouchers are asked for, `executor`, for its calls that do, and `events`
  // (null: nobody listens) are not owned and outlive the edge; so is and does
  // `enrollment`, which does not block (null: no EST here), and so is and does
  // `pledges`, which does not block (null: no cloud registrar here).
  static absl::StatusOr<std::unique_ptr<HttpsEdge>> New(
      EdgeOptions options, issuance::RegistrarDesk* desk, Executor* executor,
      EdgeEvents* events = nullptr,
      issuance::EnrollmentDesk* enrollment = nullptr,
      issuance::PledgeDesk* pledges = nullptr);

  HttpsEdge(const HttpsEdge&) = delete;
  HttpsEdge& operator=(const HttpsEdge&) = delete;
  // Drains without grace; waits for desk calls that are under way.
  ~HttpsEdge();

  // The port it listens on.
  uint16_t port() const;

  // Shows these certificates to connections that begin from here on; those
  // that are open keep theirs. kMisconfigured, and nothing changes, where New
  // would refuse them.
  absl::Status UseIdentities(const std::vector<TlsIdentity>& identities);

  // Stops listening, closes connections that wait, lets requests under way
  // finish within `grace`, then cuts off the rest. True when none was cut off.
  // Safe to call again.
  bool Drain(absl::Duration grace);

 private:
  class Impl;
  explicit HttpsEdge(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_HTTPS_EDGE_H_
