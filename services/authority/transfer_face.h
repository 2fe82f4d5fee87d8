// masa.v1.TransferService on the `api` listener: translates, calls the desk,
// translates back.
#ifndef SERVICES_AUTHORITY_TRANSFER_FACE_H_
#define SERVICES_AUTHORITY_TRANSFER_FACE_H_

#include "proto/masa/v1/transfer.grpc.pb.h"
#include "services/issuance/transfer_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class TransferFace final : public masa::v1::TransferService::CallbackService {
 public:
  // Both outlive this.
  TransferFace(issuance::TransferDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* OfferTransfer(
      grpc::CallbackServerContext* context,
      const masa::v1::OfferTransferRequest* request,
      masa::v1::OfferTransferResponse* response) override;
  grpc::ServerUnaryReactor* AcceptTransfer(
      grpc::CallbackServerContext* context,
      const masa::v1::AcceptTransferRequest* request,
      masa::v1::AcceptTransferResponse* response) override;
  grpc::ServerUnaryReactor* RejectTransfer(
      grpc::CallbackServerContext* context,
      const masa::v1::RejectTransferRequest* request,
      masa::v1::RejectTransferResponse* response) override;
  grpc::ServerUnaryReactor* CancelTransfer(
      grpc::CallbackServerContext* context,
      const masa::v1::CancelTransferRequest* request,
      masa::v1::CancelTransferResponse* response) override;
  grpc::ServerUnaryReactor* GetTransfer(
      grpc::CallbackServerContext* context,
      const masa::v1::GetTransferRequest* request,
      masa::v1::GetTransferResponse* response) override;
  grpc::ServerUnaryReactor* ListTransfers(
      grpc::CallbackServerContext* context,
      const masa::v1::ListTransfersRequest* request,
      masa::v1::ListTransfersResponse* response) override;
  grpc::ServerUnaryReactor* ClaimDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::ClaimDevicesRequest* request,
      masa::v1::ClaimDevicesResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::ReleaseDevicesRequest* request,
      masa::v1::ReleaseDevicesResponse* response) override;
  grpc::ServerUnaryReactor* VerifyOwnershipHistory(
      grpc::CallbackServerContext* context,
      const masa::v1::VerifyOwnershipHistoryRequest* request,
      masa::v1::VerifyOwnershipHistoryResponse* response) override;
  grpc::ServerUnaryReactor* GetOwnershipHistory(
      grpc::CallbackServerContext* context,
      const masa::v1::GetOwnershipHistoryRequest* request,
      masa::v1::GetOwnershipHistoryResponse* response) override;

 private:
  // The three ends differ in the act alone.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* End(grpc::CallbackServerContext* context,
                                const Request* request, Response* response,
                                ownership::TransferAct act);

  issuance::TransferDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TRANSFER_FACE_H_
