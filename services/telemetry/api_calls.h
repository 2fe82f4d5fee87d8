// What is told of calls of `authority.api` as series: masa_ovgs_calls_total by
// method and class of caller, masa_ovgs_foreign_calls_total by method, and
// masa_grpc_server_cookie_auth_total. All are made at start; a method that
// ovgs.v1 does not have makes none. Thread-safe.
#ifndef SERVICES_TELEMETRY_API_CALLS_H_
#define SERVICES_TELEMETRY_API_CALLS_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "services/observe/api_events.h"

namespace masa::telemetry {

class ApiCalls final : public ApiEvents {
 public:
  // `ovgs` is the service's full name, its descriptor linked in. `registry`
  // outlives this.
  ApiCalls(prometheus::Registry& registry, const std::string& ovgs);

  // Both count the call; nothing for a method that the service does not have.
  void OvgsCalled(absl::string_view method, CallerClass caller) override;
  void OvgsProbed(absl::string_view method) override;
  void CameByCookie() override { cookies_->Increment(); }

 private:
  struct OfMethod {
    prometheus::Counter* by_operator;
    prometheus::Counter* by_customer;
    prometheus::Counter* probes;
  };

  absl::flat_hash_map<std::string, OfMethod> ovgs_;  // by method
  prometheus::Counter* cookies_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_API_CALLS_H_
