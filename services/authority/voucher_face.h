// masa.v1.VoucherService on the `api` listener: translates, calls the desk,
// translates back. No rule lives here.
#ifndef SERVICES_AUTHORITY_VOUCHER_FACE_H_
#define SERVICES_AUTHORITY_VOUCHER_FACE_H_

#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/authority/issue_stream.h"
#include "services/issuance/operator_desk.h"
#include "services/issuance/voucher_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// All methods by the callback API, and the stream's messages as octets
// (issue_stream.h): gRPC would end it over one that does not parse.
using VoucherMethods =
    masa::v1::VoucherService::WithCallbackMethod_IssueVoucher<
        masa::v1::VoucherService::WithCallbackMethod_IssueVouchers<
            masa::v1::VoucherService::WithRawCallbackMethod_StreamIssueVouchers<
                masa::v1::VoucherService::WithCallbackMethod_GetVoucher<
                    masa::v1::VoucherService::WithCallbackMethod_ListVouchers<
                        masa::v1::VoucherService::
                            WithCallbackMethod_GetTrustAnchors<
                                masa::v1::VoucherService::Service>>>>>>;

class VoucherFace final : public VoucherMethods {
 public:
  // All outlive this. Where orders come one by one (Issue), `vouchers` does not
  // block.
  VoucherFace(issuance::OperatorDesk& operators,
              issuance::VoucherDesk& vouchers, const rpc::Serving& serving)
      : operators_(operators), vouchers_(vouchers), serving_(serving) {}

  grpc::ServerUnaryReactor* IssueVoucher(
      grpc::CallbackServerContext* context,
      const masa::v1::IssueVoucherRequest* request,
      masa::v1::IssueVoucherResponse* response) override;
  grpc::ServerUnaryReactor* IssueVouchers(
      grpc::CallbackServerContext* context,
      const masa::v1::IssueVouchersRequest* request,
      masa::v1::IssueVouchersResponse* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
  StreamIssueVouchers(grpc::CallbackServerContext* context) override {
    return ServeIssueStream(context, serving_, vouchers_);
  }
  grpc::ServerUnaryReactor* GetVoucher(
      grpc::CallbackServerContext* context,
      const masa::v1::GetVoucherRequest* request,
      masa::v1::GetVoucherResponse* response) override;
  grpc::ServerUnaryReactor* ListVouchers(
      grpc::CallbackServerContext* context,
      const masa::v1::ListVouchersRequest* request,
      masa::v1::ListVouchersResponse* response) override;
  grpc::ServerUnaryReactor* GetTrustAnchors(
      grpc::CallbackServerContext* context,
      const masa::v1::GetTrustAnchorsRequest* request,
      masa::v1::GetTrustAnchorsResponse* response) override;

 private:
  issuance::OperatorDesk& operators_;
  issuance::VoucherDesk& vouchers_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VOUCHER_FACE_H_
