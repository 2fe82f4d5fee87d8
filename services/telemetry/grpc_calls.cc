#include "services/telemetry/grpc_calls.h"

#include <array>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

constexpr std::array<const char*, 17> kCodes = {"OK",
                                                "Canceled",
                                                "Unknown",
                                                "InvalidArgument",
                                                "DeadlineExceeded",
                                                "NotFound",
                                                "AlreadyExists",
                                                "PermissionDenied",
                                                "ResourceExhausted",
                                                "FailedPrecondition",
                                                "Aborted",
                                                "OutOfRange",
                                                "Unimplemented",
                                                "Internal",
                                                "Unavailable",
                                                "DataLoss",
                                                "Unauthenticated"};

const char* TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? "bidi_stream" : "client_stream";
  }
  return method.server_streaming() ? "server_stream" : "unary";
}

prometheus::Family<prometheus::Counter>& Counters(
    prometheus::Registry& registry, const std::string& name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

struct GrpcCalls::Families {
  Families(prometheus::Registry& registry, const std::string& side)
      : started(Counters(registry, side + "_started_total", "Calls begun")),
        handled(Counters(registry, side + "_handled_total",
                         "Calls ended, by code")),
        received(Counters(registry, side + "_msg_received_total",
                          "Messages that came in calls")),
        sent(Counters(registry, side + "_msg_sent_total",
                      "Messages that went in calls")),
        refused(Counters(registry,
                         absl::StrCat("masa_", side, "_refusals_total"),
                         "Calls that the service refused, by reason")),
        seconds(prometheus::BuildHistogram()
                    .Name(side + "_handling_seconds")
                    .Help("From a call's beginning to its status")
                    .Register(registry)) {}

  prometheus::Family<prometheus::Counter>&started, &handled, &received, &sent,
      &refused;
  prometheus::Family<prometheus::Histogram>& seconds;
};

class GrpcCalls::Method final : public MethodEvents {
 public:
  Method(Families& families, prometheus::Labels labels)
      : labels_(std::move(labels)),
        started_(families.started.Add(labels_)),
        received_(families.received.Add(labels_)),
        sent_(families.sent.Add(labels_)),
        seconds_(families.seconds.Add(labels_, LatencyBuckets())),
        handled_(families.handled),
        refused_(families.refused) {
    ByCode(0);  // so that one who never answered is seen as zero
  }

  void Started() override { started_.Increment(); }
  void Received() override { received_.Increment(); }
  void Sent() override { sent_.Increment(); }
  void Handled(int code, absl::string_view reason,
               absl::Duration took) override {
    if (!reason.empty()) {
      refused_
          .Add({{"grpc_service", labels_.at("grpc_service")},
                {"reason", std::string(reason)}})
          .Increment();
    }
    const bool known = code >= 0 && code < static_cast<int>(kCodes.size());
    ByCode(known ? static_cast<size_t>(code) : 2).Increment();
    seconds_.Observe(absl::ToDoubleSeconds(took));
  }

 private:
  // Of 17 codes most methods never have most: made when first seen. Two threads
  // that meet here get the same series.
  prometheus::Counter& ByCode(size_t code) {
    prometheus::Counter* counter = codes_[code].load(std::memory_order_acquire);
    if (counter == nullptr) {
      prometheus::Labels labels = labels_;
      labels["grpc_code"] = kCodes[code];
      counter = &handled_.Add(labels);
      codes_[code].store(counter, std::memory_order_release);
    }
    return *counter;
  }

  const prometheus::Labels labels_;
  prometheus::Counter &started_, &received_, &sent_;
  prometheus::Histogram& seconds_;
  prometheus::Family<prometheus::Counter>&handled_, &refused_;
  std::array<std::atomic<prometheus::Counter*>, kCodes.size()> codes_ = {};
};

GrpcCalls::GrpcCalls(prometheus::Registry& registry, const std::string& side,
                     const std::vector<std::string>& services) {
  Families families(registry, side);
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : services) {
    const auto* service = pool->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      methods_[absl::StrCat("/", name, "/", method.name())] =
          std::make_unique<Method>(
              families, prometheus::Labels{{"grpc_service", name},
                                           {"grpc_method", method.name()},
                                           {"grpc_type", TypeOf(method)}});
    }
  }
  forgiven_ =
      &Counters(registry, absl::StrCat("masa_", side, "_forgiven_total"),
                "Calls served although they lacked what their protocol "
                "asks for");
  other_ = std::make_unique<Method>(
      families, prometheus::Labels{{"grpc_service", "other"},
                                   {"grpc_method", "other"},
                                   {"grpc_type", "unary"}});
}

GrpcCalls::~GrpcCalls() = default;

void GrpcCalls::Forgave(absl::string_view what) {
  forgiven_->Add({{"what", std::string(what)}}).Increment();
}

MethodEvents& GrpcCalls::Of(absl::string_view path) {
  const auto found = methods_.find(path);
  return found == methods_.end() ? *other_ : *found->second;
}

}  // namespace masa::telemetry
