#include "services/signer/key_maker_face.h"

#include "services/signing/remote/messages.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signer {
namespace {

using identity::Principal;

constexpr size_t kLongestPem = 16384;

masa::v1::KeySlot MessageOf(const signing::KeySlot& slot) {
  masa::v1::KeySlot message;
  message.set_key(slot.name);
  message.set_tenant_id(slot.tenant_id);
  message.set_endless_vouchers(slot.endless);
  for (const signing::Kind kind : slot.kinds) {
    message.add_kinds(static_cast<masa::v1::Kind>(kind));
  }
  for (const std::string& der : slot.chain_der) {
    message.add_chain_der(der);
  }
  return message;
}

}  // namespace

grpc::ServerUnaryReactor* KeyMakerFace::ListKeySlots(
    grpc::CallbackServerContext* context,
    const masa::v1::ListKeySlotsRequest* request,
    masa::v1::ListKeySlotsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::KeyMakerService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal&) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto slots,
                              maker_.Slots(ours, request->tenant_id()));
        for (const signing::KeySlot& slot : slots) {
          *response->add_slots() = MessageOf(slot);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyMakerFace::MakeKey(
    grpc::CallbackServerContext* context,
    const masa::v1::MakeKeyRequest* request,
    masa::v1::MakeKeyResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::KeyMakerService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal&) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const SignatureAlgorithm algorithm,
                              signing::AlgorithmOf(request->algorithm()));
        MASA_ASSIGN_OR_RETURN(
            const auto key,
            maker_.Create(ours, request->tenant_id(),
                          {request->key(), request->version()}, algorithm));
        *response->mutable_key() = signing::MessageOf(key);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyMakerFace::ImportKey(
    grpc::CallbackServerContext* context,
    const masa::v1::ImportKeyRequest* request,
    masa::v1::ImportKeyResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::KeyMakerService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal&) -> absl::Status {
        if (request->encrypted_pkcs8_pem().size() > kLongestPem) {
          return Refuse(Reason::kInvalidArgument, "the key is over 16 KiB");
        }
        MASA_ASSIGN_OR_RETURN(
            const auto key, maker_.Import(ours, request->tenant_id(),
                                          {request->key(), request->version()},
                                          request->encrypted_pkcs8_pem()));
        *response->mutable_key() = signing::MessageOf(key);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyMakerFace::DestroyKey(
    grpc::CallbackServerContext* context,
    const masa::v1::DestroyKeyRequest* request, masa::v1::DestroyKeyResponse*) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::KeyMakerService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal&) {
        return maker_.Destroy(ours, request->tenant_id(),
                              {request->key(), request->version()});
      });
}

}  // namespace masa::signer
