// The calls of GroupService that are about onboarding.
#include "services/authority/group_calls.h"
#include "services/authority/group_face.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;

storage::Onboarding RecordOf(const masa::v1::Onboarding& message) {
  storage::Onboarding record;
  record.group_id = message.group_id();
  record.registrar_url = message.registrar_url();
  record.est_domain = message.est().domain();
  record.est_certificate_der = message.est().certificate_der();
  record.additional_configuration_url =
      message.est().additional_configuration_url();
  return record;
}

masa::v1::Onboarding MessageOf(const storage::Onboarding& record) {
  masa::v1::Onboarding message;
  message.set_group_id(record.group_id);
  if (!record.registrar_url.empty()) {
    message.set_registrar_url(record.registrar_url);
  } else {
    message.mutable_est()->set_domain(record.est_domain);
    message.mutable_est()->set_certificate_der(record.est_certificate_der);
    message.mutable_est()->set_additional_configuration_url(
        record.additional_configuration_url);
  }
  message.set_etag(EtagOf(record.version));
  return message;
}

absl::Status CheckNamed(const char* field, const std::string& id) {
  FieldChecker check;
  check.Need(field, !id.empty());
  return check.Finish();
}

}  // namespace

grpc::ServerUnaryReactor* GroupFace::GetOnboarding(
    grpc::CallbackServerContext* context,
    const masa::v1::GetOnboardingRequest* request,
    masa::v1::GetOnboardingResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", request->group_id()));
        MASA_ASSIGN_OR_RETURN(
            const auto record,
            desk_.GetOnboarding(CallOf(ours, caller), request->group_id()));
        *response->mutable_onboarding() = MessageOf(record);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* GroupFace::SetOnboarding(
    grpc::CallbackServerContext* context,
    const masa::v1::SetOnboardingRequest* request,
    masa::v1::SetOnboardingResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const storage::Onboarding record = RecordOf(request->onboarding());
        MASA_RETURN_IF_ERROR(
            CheckNamed("onboarding.group_id", record.group_id));
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_RETURN_IF_ERROR(desk_.SetOnboarding(call, record, version));
        if (call.validate_only) {
          return absl::OkStatus();
        }
        MASA_ASSIGN_OR_RETURN(const auto written,
                              desk_.GetOnboarding(call, record.group_id));
        *response->mutable_onboarding() = MessageOf(written);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* GroupFace::ClearOnboarding(
    grpc::CallbackServerContext* context,
    const masa::v1::ClearOnboardingRequest* request,
    masa::v1::ClearOnboardingResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", request->group_id()));
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(const auto call,
                              ChangeOf(ours, caller, *request));
        return desk_.ClearOnboarding(call, request->group_id(), version);
      });
}

}  // namespace masa::authority
