#include "services/signing/remote/remote_key_maker.h"

#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/signing/remote/messages.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kSignerUnavailable, "no signer answers; retry");
}

KeySlot SlotOf(const masa::v1::KeySlot& message) {
  KeySlot slot{message.key(),
               message.tenant_id(),
               {},
               message.endless_vouchers(),
               {message.chain_der().begin(), message.chain_der().end()}};
  for (const int kind : message.kinds()) {
    slot.kinds.push_back(static_cast<Kind>(kind));
  }
  return slot;
}

}  // namespace

absl::StatusOr<std::vector<KeySlot>> RemoteKeyMaker::Slots(
    const RequestContext& context, const std::string& tenant_id) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::ListKeySlotsRequest request;
  request.set_tenant_id(tenant_id);
  masa::v1::ListKeySlotsResponse response;
  MASA_RETURN_IF_ERROR(rpc::FromGrpc(
      stub_->ListKeySlots(&call, request, &response), Unavailable()));
  std::vector<KeySlot> slots;
  for (const masa::v1::KeySlot& slot : response.slots()) {
    slots.push_back(SlotOf(slot));
  }
  return slots;
}

absl::StatusOr<KeyDescription> RemoteKeyMaker::Create(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, SignatureAlgorithm algorithm) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::MakeKeyRequest request;
  request.set_tenant_id(tenant_id);
  request.set_key(name.key);
  request.set_version(name.version);
  request.set_algorithm(MessageOf(algorithm));
  masa::v1::MakeKeyResponse response;
  MASA_RETURN_IF_ERROR(
      rpc::FromGrpc(stub_->MakeKey(&call, request, &response), Unavailable()));
  return DescriptionOf(response.key());
}

absl::StatusOr<KeyDescription> RemoteKeyMaker::Import(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, const std::string& encrypted_pkcs8_pem) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::ImportKeyRequest request;
  request.set_tenant_id(tenant_id);
  request.set_key(name.key);
  request.set_version(name.version);
  request.set_encrypted_pkcs8_pem(encrypted_pkcs8_pem);
  masa::v1::ImportKeyResponse response;
  MASA_RETURN_IF_ERROR(rpc::FromGrpc(
      stub_->ImportKey(&call, request, &response), Unavailable()));
  return DescriptionOf(response.key());
}

absl::Status RemoteKeyMaker::Destroy(const RequestContext& context,
                                     const std::string& tenant_id,
                                     const KeyName& name) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::DestroyKeyRequest request;
  request.set_tenant_id(tenant_id);
  request.set_key(name.key);
  request.set_version(name.version);
  masa::v1::DestroyKeyResponse response;
  return rpc::FromGrpc(stub_->DestroyKey(&call, request, &response),
                       Unavailable());
}

}  // namespace masa::signing
