#include "services/authority/ownership_face.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "services/authority/convert.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;
using issuance::Ownership;
using issuance::OwnershipQuestion;

constexpr size_t kLongestSerial = 255;
constexpr size_t kLongestIssuer = 255;
constexpr size_t kHashSize = 32;

// What the store could not compare is refused here, alone, so that it spoils no
// look-up that it shares with others.
absl::StatusOr<OwnershipQuestion> QuestionOf(
    const masa::v1::ResolveOwnershipRequest& request,
    const std::string& prefix) {
  const std::string& serial = request.device().serial_number();
  const std::string& issuer = request.device().idevid_issuer_ski();
  const std::string& spki_sha256 = request.registrar().spki_sha256();
  FieldChecker check;
  if (serial.empty() || serial.size() > kLongestSerial ||
      serial.find('\0') != std::string::npos) {
    check.Fault(prefix + "device.serial_number",
                "has 1 to 255 octets, none of them zero");
  }
  if (issuer.size() > kLongestIssuer) {
    check.Fault(prefix + "device.idevid_issuer_ski",
                "has 255 octets at the most");
  }
  if (!spki_sha256.empty() && spki_sha256.size() != kHashSize) {
    check.Fault(prefix + "registrar.spki_sha256", "has 32 octets, or none");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  OwnershipQuestion question;
  MASA_ASSIGN_OR_RETURN(question.device, KeyOf(request.device()));
  question.spki_sha256 = spki_sha256;
  return question;
}

void Fill(const Ownership& ownership, bool want_pinned_cert,
          masa::v1::ResolveOwnershipResponse* response) {
  response->set_decision(
      static_cast<masa::v1::ResolveOwnershipResponse::Decision>(
          ownership.decision));
  response->set_reason(ownership.reason);
  response->set_device_id(ownership.device.device_id);
  response->set_organization_id(ownership.device.organization_id);
  response->set_group_id(ownership.device.group_id);
  response->set_state(
      static_cast<masa::v1::DeviceState>(ownership.device.state));
  response->set_version(ownership.device.version);
  if (want_pinned_cert) {
    response->set_pinned_cert_der(ownership.owner_cert_der);
  }
  if (ownership.owner_cert_expires_at) {
    *response->mutable_max_expires_on() =
        TimestampOf(*ownership.owner_cert_expires_at);
  }
  *response->mutable_as_of() = TimestampOf(ownership.as_of);
}

void SetStatus(const absl::Status& status, google::rpc::Status* message) {
  message->set_code(static_cast<int>(status.code()));
  if (!status.ok()) {
    message->ParseFromString(rpc::ToGrpc(status).error_details());
  }
}

// Items that do not translate fail alone; the others go on together.
absl::Status Resolve(issuance::OperatorDesk& desk,
                     const RequestContext& context, const Principal& caller,
                     const masa::v1::ResolveOwnershipsRequest& request,
                     masa::v1::ResolveOwnershipsResponse* response) {
  constexpr int kMostItems = 1000;
  if (request.requests_size() < 1 || request.requests_size() > kMostItems) {
    return AtField(
        Refuse(Reason::kTooManyItems, "a call takes 1 to 1000 items"),
        "requests");
  }
  std::vector<OwnershipQuestion> questions;
  std::vector<absl::Status> refused;  // one per item; OK: goes on
  for (int i = 0; i < request.requests_size(); ++i) {
    auto question =
        QuestionOf(request.requests(i), absl::StrCat("requests[", i, "]."));
    refused.push_back(question.status());
    if (question.ok()) {
      questions.push_back(*std::move(question));
    }
  }
  std::vector<absl::StatusOr<Ownership>> answers;
  if (!questions.empty()) {
    MASA_ASSIGN_OR_RETURN(answers,
                          desk.ResolveOwnerships(context, caller, questions));
  }
  auto next = answers.begin();
  for (int i = 0; i < request.requests_size(); ++i) {
    auto* result = response->add_results();
    const absl::StatusOr<Ownership> answer =
        refused[i].ok() ? std::move(*next++) : refused[i];
    SetStatus(answer.status(), result->mutable_status());
    if (answer.ok()) {
      Fill(*answer, request.requests(i).want_pinned_cert(),
           result->mutable_value());
    }
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* OwnershipFace::ResolveOwnership(
    grpc::CallbackServerContext* context,
    const masa::v1::ResolveOwnershipRequest* request,
    masa::v1::ResolveOwnershipResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OwnershipService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto question, QuestionOf(*request, ""));
        MASA_ASSIGN_OR_RETURN(
            const auto ownership,
            desk_.ResolveOwnership(ours, caller, question.device,
                                   question.spki_sha256));
        Fill(ownership, request->want_pinned_cert(), response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* OwnershipFace::ResolveOwnerships(
    grpc::CallbackServerContext* context,
    const masa::v1::ResolveOwnershipsRequest* request,
    masa::v1::ResolveOwnershipsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OwnershipService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return Resolve(desk_, ours, caller, *request, response);
      });
}

}  // namespace masa::authority
