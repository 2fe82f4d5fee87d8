// ReportService for operators and owners, on the listener `api`. No rule lives
// here.
#ifndef SERVICES_AUTHORITY_REPORT_FACE_H_
#define SERVICES_AUTHORITY_REPORT_FACE_H_

#include "proto/masa/v1/report.grpc.pb.h"
#include "services/issuance/report_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// Holds references that outlive it.
class ReportFace final : public masa::v1::ReportService::CallbackService {
 public:
  ReportFace(issuance::ReportDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* ListDeviceReports(
      grpc::CallbackServerContext* context,
      const masa::v1::ListDeviceReportsRequest* request,
      masa::v1::ListDeviceReportsResponse* response) override;

 private:
  issuance::ReportDesk& desk_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_REPORT_FACE_H_
