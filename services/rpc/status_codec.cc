#include "services/rpc/status_codec.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::rpc {
namespace {

constexpr char kDomain[] = "masa.v1";

absl::Status Refusal(Reason reason, const std::string& message,
                     const google::rpc::Status& whole) {
  google::rpc::RetryInfo retry;
  for (const auto& any : whole.details()) {
    if (any.UnpackTo(&retry)) {
      return RefuseFor(absl::Seconds(retry.retry_delay().seconds()), reason,
                       message);
    }
  }
  return Refuse(reason, message);
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  const ReasonInfo& info = InfoOf(ReasonOf(status));
  // The table's, unless a protocol has one of its own for this.
  const absl::StatusCode code =
      info.reason == Reason::kInternal ? info.code : status.code();
  const std::string message = PublicMessage(status);
  google::rpc::ErrorInfo detail;
  detail.set_reason(std::string(info.name));
  detail.set_domain(kDomain);
  google::rpc::Status whole;
  whole.set_code(static_cast<int>(code));
  whole.set_message(message);
  whole.add_details()->PackFrom(detail);
  if (const auto wait = WaitOf(status)) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*wait));
    whole.add_details()->PackFrom(retry);
  }
  google::rpc::BadRequest fields;
  for (const FieldFault& fault : FieldFaultsOf(status)) {
    auto* violation = fields.add_field_violations();
    violation->set_field(fault.field);
    violation->set_description(fault.description);
  }
  if (fields.field_violations_size() > 0) {
    whole.add_details()->PackFrom(fields);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(code), message,
                      whole.SerializeAsString());
}

std::string ReasonNameIn(const grpc::Status& status) {
  google::rpc::Status whole;
  google::rpc::ErrorInfo detail;
  if (status.ok() || !whole.ParseFromString(status.error_details())) {
    return "";
  }
  for (const auto& any : whole.details()) {
    if (any.UnpackTo(&detail) && detail.domain() == kDomain) {
      return std::string(InfoOf(ReasonNamed(detail.reason())).name);
    }
  }
  return "";
}

absl::Status FromGrpc(const grpc::Status& status,
                      const absl::Status& unreachable) {
  if (status.ok()) {
    return absl::OkStatus();
  }
  google::rpc::Status whole;
  google::rpc::ErrorInfo detail;
  if (whole.ParseFromString(status.error_details())) {
    for (const auto& any : whole.details()) {
      if (any.UnpackTo(&detail) && detail.domain() == kDomain) {
        const Reason reason = ReasonNamed(detail.reason());
        return reason == Reason::kInternal
                   ? absl::InternalError(status.error_message())
                   : Refusal(reason, status.error_message(), whole);
      }
    }
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:  // by a server that ends
      return unreachable;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Refuse(Reason::kDeadlineExceeded, "the call took too long");
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return Refuse(Reason::kOverloaded, "the service has too much to do");
    default:
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
  }
}

}  // namespace masa::rpc
