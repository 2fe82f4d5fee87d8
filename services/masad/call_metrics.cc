#include "services/masad/call_metrics.h"

#include <string>
#include <vector>

#include "proto/masa/v1/est.grpc.pb.h"
#include "proto/masa/v1/key_maker.grpc.pb.h"
#include "proto/masa/v1/pledge.grpc.pb.h"
#include "proto/masa/v1/registrar.grpc.pb.h"
#include "proto/masa/v1/report.grpc.pb.h"
#include "proto/masa/v1/signing.grpc.pb.h"
#include "services/authority/api_services.h"
#include "services/authority/ovgs/ovgs_face.h"
#include "services/authority/voucher_job_face.h"

namespace masa::masad {
namespace {

using Names = std::vector<std::string>;

void Append(const Names& more, Names& names) {
  names.insert(names.end(), more.begin(), more.end());
}

Names ServicesOfSigner() {
  return {masa::v1::SigningService::service_full_name(),
          masa::v1::KeyMakerService::service_full_name()};
}

// What edges that run apart call.
Names ServicesForEdges() {
  return {masa::v1::RegistrarService::service_full_name(),
          masa::v1::EnrollmentService::service_full_name(),
          masa::v1::CertificateStatusService::service_full_name(),
          masa::v1::PledgeService::service_full_name()};
}

Names Served(const config::Roles& roles) {
  Names names;
  if (roles.authority) {
    Append(authority::ApiServices(), names);
    Append(authority::VoucherJobServices(), names);
    names.push_back(::ovgs::v1::OwnershipVoucherService::service_full_name());
    Append(ServicesForEdges(), names);
  }
  if (roles.signer && !roles.authority) {
    Append(ServicesOfSigner(), names);
  }
  return names;
}

Names Called(const config::Roles& roles) {
  Names names;
  if (roles.edge && !roles.authority) {
    Append(ServicesForEdges(), names);
  }
  if (roles.authority && !roles.signer) {
    Append(ServicesOfSigner(), names);
  }
  return names;
}

}  // namespace

CallMetrics::CallMetrics(prometheus::Registry& registry,
                         const config::Roles& roles)
    : served_(registry, "grpc_server", Served(roles)),
      called_(registry, "grpc_client", Called(roles)),
      api_(roles.authority
               ? std::make_unique<telemetry::ApiCalls>(
                     registry,
                     ::ovgs::v1::OwnershipVoucherService::service_full_name())
               : nullptr) {}

}  // namespace masa::masad
