// gRPC calls as the series that dashboards know: <side>_started_total,
// _handled_total, _handling_seconds, _msg_received_total, _msg_sent_total, by
// service and method (the names of go-grpc-prometheus); what the service
// refused by reason, masa_<side>_refusals_total, where who asks for devices of
// others is seen; and what it forgave, masa_<side>_forgiven_total. A method
// that is not of the named services counts as service "other", so that a
// stranger cannot make series. Thread-safe.
#ifndef SERVICES_TELEMETRY_GRPC_CALLS_H_
#define SERVICES_TELEMETRY_GRPC_CALLS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "services/observe/call_events.h"

namespace masa::telemetry {

class GrpcCalls final : public CallEvents {
 public:
  // `side` is "grpc_server" or "grpc_client"; `services` are full names whose
  // descriptors are linked in. `registry` outlives this.
  GrpcCalls(prometheus::Registry& registry, const std::string& side,
            const std::vector<std::string>& services);
  ~GrpcCalls() override;

  MethodEvents& Of(absl::string_view path) override;
  void Forgave(absl::string_view what) override;

 private:
  class Method;
  struct Families;

  absl::flat_hash_map<std::string, std::unique_ptr<Method>>
      methods_;  // by path
  std::unique_ptr<Method> other_;
  prometheus::Family<prometheus::Counter>* forgiven_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_GRPC_CALLS_H_
