#include "services/telemetry/observed_edge.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"
#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

constexpr const char* kRoutes[] = {"requestvoucher", "requestauditlog",
                                   "cacerts",        "csrattrs",
                                   "simpleenroll",   "simplereenroll",
                                   "serverkeygen",   "voucher_status",
                                   "enrollstatus",   "other"};
constexpr int kClasses[] = {2, 4, 5};  // of the HTTP status

int ClassOf(int http_status) {
  return http_status < 400 ? 2 : http_status < 500 ? 4 : 5;
}

}  // namespace

ObservedEdge::ObservedEdge(prometheus::Registry& registry, int loops) {
  auto& requests = prometheus::BuildCounter()
                       .Name("masa_https_requests_total")
                       .Help("HTTPS requests that were answered")
                       .Register(registry);
  auto& seconds = prometheus::BuildHistogram()
                      .Name("masa_https_request_seconds")
                      .Help("From the whole request to the written answer")
                      .Register(registry);
  for (const char* route : kRoutes) {
    seconds_[route] = &seconds.Add({{"route", route}}, LatencyBuckets());
    for (const int status_class : kClasses) {
      requests_[{route, status_class}] = &requests.Add(
          {{"route", route}, {"status", absl::StrCat(status_class, "xx")}});
    }
  }
  connections_ = &prometheus::BuildGauge()
                      .Name("masa_https_connections")
                      .Help("Open HTTPS connections")
                      .Register(registry)
                      .Add({});
  refused_ = &prometheus::BuildCounter()
                  .Name("masa_https_connections_refused_total")
                  .Help("Connections closed at once: too many were open")
                  .Register(registry)
                  .Add({});
  handshakes_failed_ = &prometheus::BuildCounter()
                            .Name("masa_https_handshakes_failed_total")
                            .Help("TLS handshakes that did not come about")
                            .Register(registry)
                            .Add({});
  AddLimits(registry);
  AddLags(registry, loops);
}

void ObservedEdge::AddLimits(prometheus::Registry& registry) {
  auto& turned_away =
      prometheus::BuildCounter()
          .Name("masa_https_requests_turned_away_total")
          .Help("HTTPS requests that were told to come again later")
          .Register(registry);
  for (const Reason reason : {Reason::kRateLimited, Reason::kOverloaded}) {
    turned_away_[reason] =
        &turned_away.Add({{"reason", std::string(InfoOf(reason).name)}});
  }
}

void ObservedEdge::AddLags(prometheus::Registry& registry, int loops) {
  auto& lags = prometheus::BuildHistogram()
                   .Name("masa_event_loop_lag_seconds")
                   .Help("How late an event loop runs what is due")
                   .Register(registry);
  for (int i = 0; i < loops; ++i) {
    lags_.push_back(
        &lags.Add({{"loop", absl::StrCat("edge-", i)}}, LatencyBuckets()));
  }
}

void ObservedEdge::RequestFinished(const EdgeRequest& request) {
  const std::string route =
      seconds_.count(request.route) > 0 ? request.route : "other";
  requests_.at({route, ClassOf(request.http_status)})->Increment();
  seconds_.at(route)->Observe(absl::ToDoubleSeconds(request.duration));
  bool internal = false;
  if (!request.status.ok()) {
    const Reason reason = ReasonOf(request.status);
    internal = reason == Reason::kInternal;
    const auto limit = turned_away_.find(reason);
    if (limit != turned_away_.end()) {
      limit->second->Increment();
    }
  }
  Log(internal ? Level::kError : Level::kInfo, "https",
      {{"request_id", request.request_id},
       {"route", route},
       {"status", absl::StrCat(request.http_status)},
       {"milliseconds",
        absl::StrCat(absl::ToInt64Microseconds(request.duration) / 1000.0)},
       {"detail", std::string(request.status.message())}});
}

void ObservedEdge::HandshakeFailed(const std::string& why) {
  handshakes_failed_->Increment();
  Log(Level::kDebug, "handshake failed", {{"detail", why}});
}

void ObservedEdge::LoopRan(size_t loop, absl::Duration lag) {
  if (loop < lags_.size()) {
    lags_[loop]->Observe(absl::ToDoubleSeconds(lag));
  }
}

}  // namespace masa::telemetry
