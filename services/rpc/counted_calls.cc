#include "services/rpc/counted_calls.h"

#include "absl/time/clock.h"
#include "grpcpp/support/status.h"
#include "services/rpc/status_codec.h"

namespace masa::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

// One call, from the first that is seen of it to its status. A call that goes
// without one was cancelled.
class CountedCall {
 public:
  explicit CountedCall(MethodEvents& events)
      : events_(events), begun_(absl::Now()) {
    events_.Started();
  }
  ~CountedCall() { Handled(grpc::Status::CANCELLED); }

  MethodEvents& events() { return events_; }

  void Handled(const grpc::Status& status) {
    if (!handled_) {
      handled_ = true;
      events_.Handled(status.error_code(), ReasonNameIn(status),
                      absl::Now() - begun_);
    }
  }

 private:
  MethodEvents& events_;
  const absl::Time begun_;
  bool handled_ = false;
};

class ServerCall final : public grpc::experimental::Interceptor {
 public:
  explicit ServerCall(MethodEvents& events) : call_(events) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() != nullptr) {
      call_.events().Received();
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      call_.events().Sent();
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      call_.Handled(batch->GetSendStatus());
    }
    batch->Proceed();
  }

 private:
  CountedCall call_;
};

class ClientCall final : public grpc::experimental::Interceptor {
 public:
  explicit ClientCall(MethodEvents& events) : call_(events) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      call_.events().Sent();
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() != nullptr) {
      call_.events().Received();
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_STATUS)) {
      call_.Handled(*batch->GetRecvStatus());
    }
    batch->Proceed();
  }

 private:
  CountedCall call_;
};

class ServerCalls final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit ServerCalls(CallEvents& events) : events_(events) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* call) override {
    return new ServerCall(events_.Of(call->method()));
  }

 private:
  CallEvents& events_;
};

class ClientCalls final
    : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit ClientCalls(CallEvents& events) : events_(events) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* call) override {
    return new ClientCall(events_.Of(call->method()));
  }

 private:
  CallEvents& events_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
CountServerCalls(CallEvents& events) {
  return std::make_unique<ServerCalls>(events);
}

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>
CountClientCalls(CallEvents& events) {
  return std::make_unique<ClientCalls>(events);
}

}  // namespace masa::rpc
