#include "services/authority/api_services.h"

#include "proto/masa/v1/access.grpc.pb.h"
#include "proto/masa/v1/approval.grpc.pb.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "proto/masa/v1/certificate.grpc.pb.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/key.grpc.pb.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "proto/masa/v1/policy_service.grpc.pb.h"
#include "proto/masa/v1/report.grpc.pb.h"
#include "proto/masa/v1/transfer.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"

namespace masa::authority {

std::vector<std::string> ApiServices() {
  return {masa::v1::DeviceService::service_full_name(),
          masa::v1::OwnershipService::service_full_name(),
          masa::v1::VoucherService::service_full_name(),
          masa::v1::AuditService::service_full_name(),
          masa::v1::PolicyService::service_full_name(),
          masa::v1::ApprovalService::service_full_name(),
          masa::v1::OrganizationService::service_full_name(),
          masa::v1::GroupService::service_full_name(),
          masa::v1::AccessService::service_full_name(),
          masa::v1::DomainCertService::service_full_name(),
          masa::v1::TransferService::service_full_name(),
          masa::v1::KeyAdminService::service_full_name(),
          masa::v1::CertificateService::service_full_name(),
          masa::v1::ReportService::service_full_name()};
}

}  // namespace masa::authority
