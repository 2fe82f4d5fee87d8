#include "services/rpc/channel.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "services/rpc/call_end.h"
#include "services/rpc/counted_calls.h"

namespace masa::rpc {
namespace {

constexpr char kServiceConfig[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": ""},
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 3,
      "initialBackoff": "0.05s",
      "maxBackoff": "0.5s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }],
  "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}
})";

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const ChannelOptions& options) {
  if (options.files.set()) {
    return ChannelCredentialsOf(options.files);
  }
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.roots_pem;
  tls.pem_cert_chain = options.chain_pem;
  tls.pem_private_key = options.key_pem;
  return grpc::SslCredentials(tls);
}

int MillisOf(absl::Duration time) {
  return static_cast<int>(absl::ToInt64Milliseconds(time));
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const ChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  // A replica that takes a dead one's place is found this soon; 30 s otherwise.
  constexpr int kResolvePauseMillis = 5000;
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS,
                   kResolvePauseMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, MillisOf(options.silence));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, MillisOf(options.patience));
  if (!options.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.server_name);
  }
  std::shared_ptr<grpc::ChannelCredentials> shown = CredentialsOf(options);
  if (!options.bearer_token.empty()) {
    shown = grpc::CompositeChannelCredentials(
        shown, grpc::AccessTokenCredentials(options.bearer_token));
  }
  if (options.calls == nullptr) {
    return grpc::CreateCustomChannel(options.target, shown, arguments);
  }
  std::vector<
      std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(CountClientCalls(*options.calls));
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      options.target, shown, arguments, std::move(interceptors));
}

bool IsReachable(grpc::Channel& channel, absl::Duration patience) {
  return channel.WaitForConnected(absl::ToChronoTime(absl::Now() + patience));
}

void Carry(const RequestContext& context, grpc::ClientContext* call,
           CallLasts lasts) {
  constexpr absl::Duration kLongest = absl::Seconds(30);
  const absl::Time last = lasts == CallLasts::kShortly ? absl::Now() + kLongest
                                                       : absl::InfiniteFuture();
  call->set_deadline(absl::ToChronoTime(std::min(context.deadline, last)));
  if (!context.request_id.empty()) {
    call->AddMetadata(kRequestIdKey, context.request_id);
  }
  if (!context.traceparent.empty()) {
    call->AddMetadata("traceparent", context.traceparent);
  }
}

}  // namespace masa::rpc
