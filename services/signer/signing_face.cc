#include "services/signer/signing_face.h"

#include <utility>
#include <vector>

#include "services/rpc/item_faults.h"
#include "services/signing/remote/crc32c.h"
#include "services/signing/remote/messages.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signer {
namespace {

constexpr int kMostItems = 256;

void Fill(const absl::StatusOr<std::string>& signature, rpc::ItemFaults& faults,
          masa::v1::SignOutcome* outcome) {
  if (!signature.ok()) {
    faults.See(signature.status());
    outcome->set_reason(std::string(InfoOf(ReasonOf(signature.status())).name));
    outcome->set_message(PublicMessage(signature.status()));
    return;
  }
  outcome->set_signature(*signature);
  outcome->set_crc32c(signing::Crc32c(*signature));
}

// Items that arrived damaged fail alone; the others are signed together.
absl::Status SignAll(signing::Signer& signer, const RequestContext& context,
                     rpc::ItemFaults& faults,
                     const masa::v1::SignRequest& request,
                     masa::v1::SignResponse* response) {
  if (request.items_size() > kMostItems) {
    return Refuse(Reason::kTooManyItems, "a call takes at most 256 items");
  }
  std::vector<signing::ToBeSigned> items;
  std::vector<masa::v1::SignOutcome*> outcomes;
  for (const masa::v1::SignItem& message : request.items()) {
    masa::v1::SignOutcome* outcome = response->add_outcomes();
    auto item = signing::ItemOf(message);
    if (item.ok()) {
      items.push_back(*std::move(item));
      outcomes.push_back(outcome);
    } else {
      Fill(item.status(), faults, outcome);
    }
  }
  const auto signatures = signer.Sign(context, request.key(), items);
  for (size_t i = 0; i < signatures.size(); ++i) {
    Fill(signatures[i], faults, outcomes[i]);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* SigningFace::Sign(
    grpc::CallbackServerContext* context, const masa::v1::SignRequest* request,
    masa::v1::SignResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::SigningService::service_full_name(),
      [=, this](const RequestContext& ours, const identity::Principal&) {
        rpc::ItemFaults faults(
            serving_.gate, masa::v1::SigningService::service_full_name(), ours);
        return SignAll(signer_, ours, faults, *request, response);
      });
}

grpc::ServerUnaryReactor* SigningFace::GetKey(
    grpc::CallbackServerContext* context,
    const masa::v1::GetKeyRequest* request,
    masa::v1::GetKeyResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::SigningService::service_full_name(),
      [=, this](const RequestContext& ours,
                const identity::Principal&) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto key,
                              signer_.Describe(ours, request->key()));
        *response = signing::MessageOf(key);
        return absl::OkStatus();
      });
}

}  // namespace masa::signer
