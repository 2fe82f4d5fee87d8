// The gRPC calls that a process serves and makes, by its roles, as series.
#ifndef SERVICES_MASAD_CALL_METRICS_H_
#define SERVICES_MASAD_CALL_METRICS_H_

#include <memory>

#include "prometheus/registry.h"
#include "services/config/check_config.h"
#include "services/telemetry/api_calls.h"
#include "services/telemetry/grpc_calls.h"

namespace masa::masad {

class CallMetrics {
 public:
  // `registry` outlives this.
  CallMetrics(prometheus::Registry& registry, const config::Roles& roles);

  CallEvents& served() { return served_; }
  CallEvents& called() { return called_; }
  // Null without the authority.
  ApiEvents* api() { return api_.get(); }

 private:
  telemetry::GrpcCalls served_;
  telemetry::GrpcCalls called_;
  std::unique_ptr<telemetry::ApiCalls> api_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_CALL_METRICS_H_
