#include "services/rpc/serve_unary.h"

#include "absl/strings/escaping.h"
#include "grpc/grpc_security_constants.h"
#include "openssl/rand.h"

namespace masa::rpc {
namespace {

constexpr char kRequestId[] = "masa-request-id";
constexpr char kTraceparent[] = "traceparent";
constexpr size_t kLongestId = 64;

std::string Metadata(const grpc::CallbackServerContext& context,
                     const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end() ||
      found->second.size() > kLongestId) {
    return "";
  }
  return std::string(found->second.data(), found->second.size());
}

std::string NewRequestId() {
  std::string octets(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  return absl::BytesToHexString(octets);
}

absl::Status Run(const Handler& handler, const RequestContext& context,
                 const identity::Principal& caller) {
  // What waited past its deadline is not begun.
  if (absl::Now() >= context.deadline) {
    return Refuse(Reason::kDeadlineExceeded,
                  "the call's deadline passed before it was begun");
  }
  return handler(context, caller);
}

}  // namespace

std::vector<std::string> PeerNames(const grpc::CallbackServerContext& context) {
  std::vector<std::string> names;
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) {
    return names;
  }
  for (const char* property :
       {GRPC_PEER_URI_PROPERTY_NAME, GRPC_PEER_DNS_PROPERTY_NAME}) {
    for (const grpc::string_ref& value : auth->FindPropertyValues(property)) {
      names.emplace_back(value.data(), value.size());
    }
  }
  return names;
}

RequestContext ContextOf(const grpc::CallbackServerContext& context) {
  RequestContext ours;
  ours.request_id = Metadata(context, kRequestId);
  if (ours.request_id.empty()) {
    ours.request_id = NewRequestId();
  }
  ours.traceparent = Metadata(context, kTraceparent);
  ours.deadline = absl::FromChrono(context.deadline());
  return ours;
}

grpc::ServerUnaryReactor* ServeUnary(grpc::CallbackServerContext* context,
                                     const Serving& serving,
                                     const std::string& service,
                                     Handler handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto caller = serving.gate.Admit(service, PeerNames(*context));
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  const RequestContext ours = ContextOf(*context);
  const bool accepted =
      serving.executor.TrySubmit([reactor, ours, caller = *std::move(caller),
                                  handler = std::move(handler)] {
        reactor->Finish(ToGrpc(Run(handler, ours, caller)));
      });
  if (!accepted) {
    reactor->Finish(ToGrpc(
        Refuse(Reason::kOverloaded, "the service has too much to do; retry")));
  }
  return reactor;
}

}  // namespace masa::rpc
