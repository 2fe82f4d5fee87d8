// masa.v1 for operators and owners, on the `api` listener: translates, calls
// the desk, translates back. No rule lives here.
#ifndef SERVICES_AUTHORITY_API_FACE_H_
#define SERVICES_AUTHORITY_API_FACE_H_

#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/issuance/operator_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Each holds references that outlive it.
class VoucherFace final : public masa::v1::VoucherService::CallbackService {
 public:
  VoucherFace(issuance::OperatorDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* IssueVoucher(
      grpc::CallbackServerContext* context,
      const masa::v1::IssueVoucherRequest* request,
      masa::v1::IssueVoucherResponse* response) override;

 private:
  issuance::OperatorDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_API_FACE_H_
