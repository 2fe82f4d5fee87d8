// SigningService for authorities: translates, calls the signer, translates
// back.
#ifndef SERVICES_SIGNER_SIGNING_FACE_H_
#define SERVICES_SIGNER_SIGNING_FACE_H_

#include "proto/masa/v1/signing.grpc.pb.h"
#include "services/rpc/serve_unary.h"
#include "services/signing/signer.h"

namespace masa::signer {

// Holds references that outlive it.
class SigningFace final : public masa::v1::SigningService::CallbackService {
 public:
  SigningFace(signing::Signer& signer, const rpc::Serving& serving)
      : signer_(signer), serving_(serving) {}

  grpc::ServerUnaryReactor* Sign(grpc::CallbackServerContext* context,
                                 const masa::v1::SignRequest* request,
                                 masa::v1::SignResponse* response) override;
  grpc::ServerUnaryReactor* GetKey(grpc::CallbackServerContext* context,
                                   const masa::v1::GetKeyRequest* request,
                                   masa::v1::GetKeyResponse* response) override;

 private:
  signing::Signer& signer_;
  const rpc::Serving serving_;
};

}  // namespace masa::signer

#endif  // SERVICES_SIGNER_SIGNING_FACE_H_
