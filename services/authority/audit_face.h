// masa.v1.AuditService on the `api` listener: translates, calls the desks,
// translates back. No rule lives here.
#ifndef SERVICES_AUTHORITY_AUDIT_FACE_H_
#define SERVICES_AUTHORITY_AUDIT_FACE_H_

#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/authority/audit_stream.h"
#include "services/issuance/audit_desk.h"
#include "services/issuance/operator_desk.h"
#include "services/issuance/verification_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class AuditFace final : public masa::v1::AuditService::CallbackService {
 public:
  // All outlive this.
  AuditFace(issuance::OperatorDesk& operators, issuance::AuditDesk& audit,
            issuance::VerificationDesk& verifications,
            const rpc::Serving& serving)
      : operators_(operators),
        audit_(audit),
        verifications_(verifications),
        serving_(serving) {}

  // Ends the streams that follow the log, within about a second.
  void Drain() { streams_.Drain(); }

  grpc::ServerUnaryReactor* GetDeviceAuditLog(
      grpc::CallbackServerContext* context,
      const masa::v1::GetDeviceAuditLogRequest* request,
      masa::v1::GetDeviceAuditLogResponse* response) override;
  grpc::ServerUnaryReactor* ListAuditEvents(
      grpc::CallbackServerContext* context,
      const masa::v1::ListAuditEventsRequest* request,
      masa::v1::ListAuditEventsResponse* response) override;
  grpc::ServerWriteReactor<masa::v1::StreamAuditEventsResponse>*
  StreamAuditEvents(
      grpc::CallbackServerContext* context,
      const masa::v1::StreamAuditEventsRequest* request) override {
    return streams_.Serve(context, serving_, audit_, *request);
  }
  grpc::ServerUnaryReactor* GetCheckpoint(
      grpc::CallbackServerContext* context,
      const masa::v1::GetCheckpointRequest* request,
      masa::v1::GetCheckpointResponse* response) override;
  grpc::ServerUnaryReactor* ListCheckpoints(
      grpc::CallbackServerContext* context,
      const masa::v1::ListCheckpointsRequest* request,
      masa::v1::ListCheckpointsResponse* response) override;
  grpc::ServerUnaryReactor* GetInclusionProof(
      grpc::CallbackServerContext* context,
      const masa::v1::GetInclusionProofRequest* request,
      masa::v1::GetInclusionProofResponse* response) override;
  grpc::ServerUnaryReactor* GetConsistencyProof(
      grpc::CallbackServerContext* context,
      const masa::v1::GetConsistencyProofRequest* request,
      masa::v1::GetConsistencyProofResponse* response) override;
  grpc::ServerUnaryReactor* StartVerification(
      grpc::CallbackServerContext* context,
      const masa::v1::StartVerificationRequest* request,
      masa::v1::StartVerificationResponse* response) override;

 private:
  issuance::OperatorDesk& operators_;
  issuance::AuditDesk& audit_;
  issuance::VerificationDesk& verifications_;
  const rpc::Serving serving_;
  AuditStreams streams_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_AUDIT_FACE_H_
