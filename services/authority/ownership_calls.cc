#include "services/authority/ownership_calls.h"

#include "services/authority/convert.h"
#include "services/rpc/status_codec.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using issuance::Ownership;
using issuance::OwnershipQuestion;

constexpr size_t kLongestSerial = 255;
constexpr size_t kLongestIssuer = 255;
constexpr size_t kHashSize = 32;

}  // namespace

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
  response->set_assertion(ownership.assertion);
  response->set_revocation_checks(ownership.revocation_checks);
  if (ownership.owner_cert) {
    response->set_cert_id(ownership.owner_cert->cert_id);
    if (want_pinned_cert) {
      response->set_pinned_cert_der(ownership.owner_cert->certificate_der);
    }
    if (ownership.owner_cert->expires_at) {
      *response->mutable_max_expires_on() =
          TimestampOf(*ownership.owner_cert->expires_at);
    }
  }
  *response->mutable_as_of() = TimestampOf(ownership.as_of);
}

void SetStatus(const absl::Status& status, rpc::ItemFaults& faults,
               google::rpc::Status* message) {
  faults.See(status);
  message->set_code(static_cast<int>(status.code()));
  if (!status.ok()) {
    message->ParseFromString(rpc::ToGrpc(status).error_details());
  }
}

}  // namespace masa::authority
