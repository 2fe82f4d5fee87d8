// KeyMakerService for authorities: translates, calls the key maker, translates
// back.
#ifndef SERVICES_SIGNER_KEY_MAKER_FACE_H_
#define SERVICES_SIGNER_KEY_MAKER_FACE_H_

#include "proto/masa/v1/key_maker.grpc.pb.h"
#include "services/rpc/serve_unary.h"
#include "services/signing/key_maker.h"

namespace masa::signer {

// Holds references that outlive it.
class KeyMakerFace final : public masa::v1::KeyMakerService::CallbackService {
 public:
  KeyMakerFace(signing::KeyMaker& maker, const rpc::Serving& serving)
      : maker_(maker), serving_(serving) {}

  grpc::ServerUnaryReactor* ListKeySlots(
      grpc::CallbackServerContext* context,
      const masa::v1::ListKeySlotsRequest* request,
      masa::v1::ListKeySlotsResponse* response) override;
  grpc::ServerUnaryReactor* MakeKey(
      grpc::CallbackServerContext* context,
      const masa::v1::MakeKeyRequest* request,
      masa::v1::MakeKeyResponse* response) override;
  grpc::ServerUnaryReactor* ImportKey(
      grpc::CallbackServerContext* context,
      const masa::v1::ImportKeyRequest* request,
      masa::v1::ImportKeyResponse* response) override;
  grpc::ServerUnaryReactor* DestroyKey(
      grpc::CallbackServerContext* context,
      const masa::v1::DestroyKeyRequest* request,
      masa::v1::DestroyKeyResponse* response) override;

 private:
  signing::KeyMaker& maker_;
  const rpc::Serving serving_;
};

}  // namespace masa::signer

#endif  // SERVICES_SIGNER_KEY_MAKER_FACE_H_
