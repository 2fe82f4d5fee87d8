// The admin port: metrics and health over plain HTTP, for the machines that
// watch the process. Nothing here is secret, and nothing can be changed here.
#ifndef SERVICES_ADMIN_ADMIN_SERVER_H_
#define SERVICES_ADMIN_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace masa::admin {

struct AdminOptions {
  std::string listen = "127.0.0.1:0";              // port 0 takes a free one
  absl::Duration request_time = absl::Seconds(5);  // for either way
};

// Serves GET /metrics, /healthz and /readyz from New to destruction.
class AdminServer {
 public:
  // The text exposition format of Prometheus.
  using Metrics = std::function<std::string()>;
  // OK when the process can do its work now, with lines to say besides, or
  // none; may take a moment.
  using Ready = std::function<absl::StatusOr<std::string>()>;

  // kMisconfigured when the address cannot be listened on. Both functions are
  // called on the server's one thread, and must stay callable until the server
  // is gone.
  static absl::StatusOr<std::unique_ptr<AdminServer>> New(AdminOptions options,
                                                          Metrics metrics,
                                                          Ready ready);
  ~AdminServer();

  int port() const;

 private:
  class Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace masa::admin

#endif  // SERVICES_ADMIN_ADMIN_SERVER_H_
