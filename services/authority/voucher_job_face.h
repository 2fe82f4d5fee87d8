// masa.v1.VoucherJobService, and the same jobs as google.longrunning
// operations, beside verifications of the audit log, on the `api` listener:
// translate, call the desk, translate back.
#ifndef SERVICES_AUTHORITY_VOUCHER_JOB_FACE_H_
#define SERVICES_AUTHORITY_VOUCHER_JOB_FACE_H_

#include <atomic>
#include <string>
#include <vector>

#include "proto/google/longrunning/operations.grpc.pb.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"
#include "services/issuance/escrow_desk.h"
#include "services/issuance/verification_desk.h"
#include "services/issuance/voucher_job_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// The whole names of the services that these faces serve.
std::vector<std::string> VoucherJobServices();

class VoucherJobFace final
    : public masa::v1::VoucherJobService::CallbackService {
 public:
  // All outlive this.
  VoucherJobFace(issuance::VoucherJobDesk& desk, issuance::EscrowDesk& escrow,
                 const rpc::Serving& serving)
      : desk_(desk), escrow_(escrow), serving_(serving) {}

  // Whoever waits for a job is answered with what it is now.
  void Drain() { draining_ = true; }

  grpc::ServerUnaryReactor* StartVoucherJob(
      grpc::CallbackServerContext* context,
      const masa::v1::StartVoucherJobRequest* request,
      masa::v1::StartVoucherJobResponse* response) override;
  grpc::ServerUnaryReactor* GetVoucherJob(
      grpc::CallbackServerContext* context,
      const masa::v1::GetVoucherJobRequest* request,
      masa::v1::GetVoucherJobResponse* response) override;
  grpc::ServerUnaryReactor* ListVoucherJobs(
      grpc::CallbackServerContext* context,
      const masa::v1::ListVoucherJobsRequest* request,
      masa::v1::ListVoucherJobsResponse* response) override;
  grpc::ServerUnaryReactor* CancelVoucherJob(
      grpc::CallbackServerContext* context,
      const masa::v1::CancelVoucherJobRequest* request,
      masa::v1::CancelVoucherJobResponse* response) override;
  grpc::ServerUnaryReactor* WaitVoucherJob(
      grpc::CallbackServerContext* context,
      const masa::v1::WaitVoucherJobRequest* request,
      masa::v1::WaitVoucherJobResponse* response) override;
  grpc::ServerWriteReactor<masa::v1::ExportVouchersResponse>* ExportVouchers(
      grpc::CallbackServerContext* context,
      const masa::v1::ExportVouchersRequest* request) override;
  grpc::ServerUnaryReactor* GetEscrowManifest(
      grpc::CallbackServerContext* context,
      const masa::v1::GetEscrowManifestRequest* request,
      masa::v1::GetEscrowManifestResponse* response) override;

 private:
  issuance::VoucherJobDesk& desk_;
  issuance::EscrowDesk& escrow_;
  const rpc::Serving serving_;
  std::atomic<bool> draining_{false};
};

// All but DeleteOperation: jobs go in time, with what retention clears.
class OperationsFace final
    : public google::longrunning::Operations::CallbackService {
 public:
  // All outlive this.
  OperationsFace(issuance::VoucherJobDesk& desk,
                 issuance::VerificationDesk& verifications,
                 const rpc::Serving& serving)
      : desk_(desk), verifications_(verifications), serving_(serving) {}

  void Drain() { draining_ = true; }

  grpc::ServerUnaryReactor* ListOperations(
      grpc::CallbackServerContext* context,
      const google::longrunning::ListOperationsRequest* request,
      google::longrunning::ListOperationsResponse* response) override;
  grpc::ServerUnaryReactor* GetOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::GetOperationRequest* request,
      google::longrunning::Operation* response) override;
  // Refuses: kNotOffered.
  grpc::ServerUnaryReactor* DeleteOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::DeleteOperationRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* CancelOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::CancelOperationRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* WaitOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::WaitOperationRequest* request,
      google::longrunning::Operation* response) override;

 private:
  // As it is now. kJobUnknown.
  absl::StatusOr<google::longrunning::Operation> Find(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& name);
  absl::Status ListVerifications(
      const RequestContext& context, const identity::Principal& caller,
      const google::longrunning::ListOperationsRequest& request,
      google::longrunning::ListOperationsResponse* response);

  issuance::VoucherJobDesk& desk_;
  issuance::VerificationDesk& verifications_;
  const rpc::Serving serving_;
  std::atomic<bool> draining_{false};
};

// Both, as a listener serves them.
struct VoucherJobFaces {
  // As above.
  VoucherJobFaces(issuance::VoucherJobDesk& desk, issuance::EscrowDesk& escrow,
                  issuance::VerificationDesk& verifications,
                  const rpc::Serving& serving)
      : jobs(desk, escrow, serving), operations(desk, verifications, serving) {}

  void Drain() {
    jobs.Drain();
    operations.Drain();
  }

  VoucherJobFace jobs;
  OperationsFace operations;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VOUCHER_JOB_FACE_H_
