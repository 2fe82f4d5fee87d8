// masa.v1.KeyAdminService on the `api` listener: translates, calls the desk,
// translates back.
#ifndef SERVICES_AUTHORITY_KEY_FACE_H_
#define SERVICES_AUTHORITY_KEY_FACE_H_

#include "proto/masa/v1/key.grpc.pb.h"
#include "services/issuance/key_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class KeyFace final : public masa::v1::KeyAdminService::CallbackService {
 public:
  // Both outlive this.
  KeyFace(issuance::KeyDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* ListKeys(
      grpc::CallbackServerContext* context,
      const masa::v1::ListKeysRequest* request,
      masa::v1::ListKeysResponse* response) override;
  grpc::ServerUnaryReactor* CreateKeyVersion(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateKeyVersionRequest* request,
      masa::v1::CreateKeyVersionResponse* response) override;
  grpc::ServerUnaryReactor* ImportKeyVersion(
      grpc::CallbackServerContext* context,
      const masa::v1::ImportKeyVersionRequest* request,
      masa::v1::ImportKeyVersionResponse* response) override;
  grpc::ServerUnaryReactor* GetCertificateRequest(
      grpc::CallbackServerContext* context,
      const masa::v1::GetCertificateRequestRequest* request,
      masa::v1::GetCertificateRequestResponse* response) override;
  grpc::ServerUnaryReactor* ActivateKeyVersion(
      grpc::CallbackServerContext* context,
      const masa::v1::ActivateKeyVersionRequest* request,
      masa::v1::ActivateKeyVersionResponse* response) override;
  grpc::ServerUnaryReactor* RetireKeyVersion(
      grpc::CallbackServerContext* context,
      const masa::v1::RetireKeyVersionRequest* request,
      masa::v1::RetireKeyVersionResponse* response) override;
  grpc::ServerUnaryReactor* DestroyKeyVersion(
      grpc::CallbackServerContext* context,
      const masa::v1::DestroyKeyVersionRequest* request,
      masa::v1::DestroyKeyVersionResponse* response) override;
  grpc::ServerUnaryReactor* TestKey(
      grpc::CallbackServerContext* context,
      const masa::v1::TestKeyRequest* request,
      masa::v1::TestKeyResponse* response) override;

 private:
  template <typename Body>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context,
                                  Body body);

  issuance::KeyDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_KEY_FACE_H_
