#include "services/telemetry/api_calls.h"

#include "google/protobuf/descriptor.h"

namespace masa::telemetry {

ApiCalls::ApiCalls(prometheus::Registry& registry, const std::string& ovgs) {
  auto& calls = prometheus::BuildCounter()
                    .Name("masa_ovgs_calls_total")
                    .Help("Calls of ovgs.v1 that were admitted, by who calls")
                    .Register(registry);
  auto& probes = prometheus::BuildCounter()
                     .Name("masa_ovgs_foreign_calls_total")
                     .Help("Customers' calls of ovgs.v1 for what is another's")
                     .Register(registry);
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          ovgs);
  for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
    const std::string& method = service->method(i)->name();
    ovgs_[method] = {&calls.Add({{"method", method}, {"caller", "operator"}}),
                     &calls.Add({{"method", method}, {"caller", "customer"}}),
                     &probes.Add({{"method", method}})};
  }
  cookies_ = &prometheus::BuildCounter()
                  .Name("masa_grpc_server_cookie_auth_total")
                  .Help("Calls that showed their token in a cookie alone")
                  .Register(registry)
                  .Add({});
}

void ApiCalls::OvgsCalled(absl::string_view method, CallerClass caller) {
  const auto found = ovgs_.find(method);
  if (found == ovgs_.end()) {
    return;
  }
  (caller == CallerClass::kOperator ? found->second.by_operator
                                    : found->second.by_customer)
      ->Increment();
}

void ApiCalls::OvgsProbed(absl::string_view method) {
  const auto found = ovgs_.find(method);
  if (found != ovgs_.end()) {
    found->second.probes->Increment();
  }
}

}  // namespace masa::telemetry
