#include "services/rpc/serve_unary.h"

#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "grpc/grpc_security_constants.h"
#include "openssl/rand.h"
#include "openssl/sha.h"
#include "services/rpc/bearer.h"

namespace masa::rpc {
namespace {

constexpr char kTraceparent[] = "traceparent";
constexpr size_t kLongestId = 64;

std::string Metadata(const grpc::CallbackServerContext& context,
                     const char* key) {
  const auto found = context.client_metadata().find(key);
  return found == context.client_metadata().end()
             ? std::string()
             : std::string(found->second.data(), found->second.size());
}

// A long one is known by its digest: a repeat of the call has the same.
std::string ShortId(const std::string& id) {
  if (id.size() <= kLongestId) {
    return id;
  }
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(id.data()), id.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return absl::BytesToHexString(digest);
}

std::string NewRequestId() {
  std::string octets(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  return absl::BytesToHexString(octets);
}

// Copied with each copy of a std::function, so the end is shared.
Finish FinishOf(grpc::ServerUnaryReactor* reactor,
                grpc::CallbackServerContext* context, const Gate& gate,
                const std::string& service, const RequestContext& ours) {
  return
      [reactor,
       end = std::make_shared<const CallEnd>(context, gate, service, ours)](
          const absl::Status& status) { reactor->Finish(end->Tell(status)); };
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

Credentials CredentialsOf(const grpc::CallbackServerContext& context,
                          const Gate& gate) {
  Credentials credentials{PeerNames(context), {}};
  if (!gate.takes_tokens()) {
    return credentials;
  }
  std::set<std::string> tokens;
  bool elsewhere = false;
  for (const auto& [key, value] : context.client_metadata()) {
    const auto found =
        TokensIn({key.data(), key.size()}, {value.data(), value.size()});
    tokens.insert(found.begin(), found.end());
    elsewhere = elsewhere || (!found.empty() && key != "cookie");
  }
  credentials.tokens.assign(tokens.begin(), tokens.end());
  credentials.by_cookie = !tokens.empty() && !elsewhere;
  return credentials;
}

RequestContext ContextOf(const grpc::CallbackServerContext& context) {
  RequestContext ours;
  ours.request_id = ShortId(Metadata(context, kRequestIdKey));
  if (ours.request_id.empty()) {
    ours.request_id = NewRequestId();
    ours.is_id_made = true;
  }
  ours.traceparent = Metadata(context, kTraceparent);
  if (ours.traceparent.size() > kLongestId) {
    ours.traceparent.clear();
  }
  ours.deadline = absl::FromChrono(context.deadline());
  return ours;
}

grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                     const Gate& gate,
                                     const std::string& service,
                                     const Starter& start) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const RequestContext ours = ContextOf(*context);
  const Finish finish = FinishOf(reactor, context, gate, service, ours);
  const auto caller = gate.Admit(service, PeerNames(*context));
  caller.ok() ? start(ours, *caller, finish) : finish(caller.status());
  return reactor;
}

grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                     const Serving& serving,
                                     const std::string& service,
                                     Starter start) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  RequestContext ours = ContextOf(*context);
  const Finish finish = FinishOf(reactor, context, serving.gate, service, ours);
  const auto admit = [&gate = serving.gate, service, finish,
                      start = std::move(start)](const RequestContext& ours,
                                                const Credentials& shown) {
    const auto caller = gate.Admit(service, shown);
    caller.ok() ? start(ours, *caller, finish) : finish(caller.status());
  };
  Credentials shown = CredentialsOf(*context, serving.gate);
  if (shown.tokens.empty()) {
    admit(ours, shown);
  } else if (!serving.executor.TrySubmit(
                 [admit, ours = std::move(ours), shown = std::move(shown)] {
                   admit(ours, shown);
                 })) {
    finish(
        Refuse(Reason::kOverloaded, "the service has too much to do; retry"));
  }
  return reactor;
}

grpc::ServerUnaryReactor* ServeUnary(grpc::CallbackServerContext* context,
                                     const Serving& serving,
                                     const std::string& service,
                                     Handler handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  RequestContext ours = ContextOf(*context);
  const Finish finish = FinishOf(reactor, context, serving.gate, service, ours);
  Credentials shown = CredentialsOf(*context, serving.gate);
  std::optional<identity::Principal> known;
  if (shown.tokens.empty()) {
    const auto caller = serving.gate.Admit(service, shown);
    if (!caller.ok()) {
      finish(caller.status());
      return reactor;
    }
    known = *caller;
  }
  const bool accepted = serving.executor.TrySubmit(
      [ours = std::move(ours), &gate = serving.gate, known = std::move(known),
       shown = std::move(shown), service, finish,
       handler = std::move(handler)] {
        const auto caller = known ? *known : gate.Admit(service, shown);
        finish(caller.ok() ? Run(handler, ours, *caller) : caller.status());
      });
  if (!accepted) {
    finish(
        Refuse(Reason::kOverloaded, "the service has too much to do; retry"));
  }
  return reactor;
}

}  // namespace masa::rpc
