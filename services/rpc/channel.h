// Channels to our own servers, with mutual TLS, and what every call of ours
// carries.
#ifndef SERVICES_RPC_CHANNEL_H_
#define SERVICES_RPC_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "services/observe/call_events.h"
#include "services/observe/request_context.h"
#include "services/rpc/tls_files.h"

namespace masa::rpc {

struct ChannelOptions {
  std::string target;       // host:port, or dns:///host:port for all replicas
  std::string server_name;  // what the certificate names; target's when empty
  std::string roots_pem;
  std::string chain_pem;
  std::string key_pem;
  // Shown with every call, as `authorization: Bearer`; empty: none.
  std::string bearer_token = {};
  CallEvents* calls = nullptr;  // hears of each; outlives the channel
  // Instead of the three texts: watched, so that they can be renewed.
  TlsFiles files = {};
  // While calls are under way, a server that says nothing for so long is asked
  // for a sign of life; without one within `patience` the connection is given
  // up, and its calls are UNAVAILABLE.
  absl::Duration silence = absl::Seconds(15);
  absl::Duration patience = absl::Seconds(5);
};

// Balanced over those addresses of the name whose server says that it serves
// (gRFC A17), retrying UNAVAILABLE alone. Connects when first used.
std::shared_ptr<grpc::Channel> MakeChannel(const ChannelOptions& options);

// True when a server answers within `patience`; connects if need be.
bool IsReachable(grpc::Channel& channel, absl::Duration patience);

// Carries request id, trace and deadline on. No call gets more than 30 seconds,
// but for one that is there to stay: that has no deadline, where `context` has
// none, and whoever makes it can end it.
enum class CallLasts { kShortly, kWhileWanted };
void Carry(const RequestContext& context, grpc::ClientContext* call,
           CallLasts lasts = CallLasts::kShortly);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_CHANNEL_H_
