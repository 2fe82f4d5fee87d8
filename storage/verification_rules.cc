#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"
#include "storage/verification_store.h"

namespace masa::storage {

absl::Status CheckVerification(const AuditVerification& verification) {
  constexpr size_t kIdOctets = 16;
  return verification.verification_id().size() == kIdOctets &&
                 !verification.tenant_id().empty() &&
                 IsStorableText(verification.tenant_id()) &&
                 IsStorableText(verification.actor())
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "an id of the verification is empty, has not its length, "
                      "or is not UTF-8");
}

absl::Status VerificationUnknown() {
  return Refuse(Reason::kJobUnknown,
                "there is no such verification, or this account may not see "
                "it");
}

bool HasEnded(const AuditVerification& verification) {
  return verification.state() == v1::AUDIT_VERIFICATION_STATE_ENDED ||
         verification.state() == v1::AUDIT_VERIFICATION_STATE_CANCELLED;
}

std::optional<absl::Time> ReadyAt(const AuditVerification& verification) {
  if (HasEnded(verification)) {
    return std::nullopt;
  }
  return absl::FromUnixMicros(std::max(
      verification.lease_until(),
      verification.holder().empty() ? verification.updated_at() : int64_t{0}));
}

AuditEvent VerificationEvent(const char* kind,
                             const AuditVerification& verification,
                             const Change& change) {
  google::protobuf::Struct payload;
  auto& fields = *payload.mutable_fields();
  fields["verification_id"].set_string_value(
      absl::BytesToHexString(verification.verification_id()));
  fields["size"].set_number_value(static_cast<double>(verification.size()));
  fields["done"].set_number_value(static_cast<double>(verification.done()));
  fields["faults"].set_number_value(static_cast<double>(verification.faults()));
  if (verification.faults() > 0) {
    fields["first_fault"].set_string_value(verification.first_fault());
  }
  AuditEvent event;
  event.event_id = NewEventId(change.at);
  event.tenant_id = verification.tenant_id();
  event.kind = kind;
  event.at = change.at;
  event.actor = change.actor;
  event.request_id = change.request_id;
  // Cannot fail: the fields are texts and numbers, set above.
  (void)google::protobuf::util::MessageToJsonString(payload, &event.payload);
  return event;
}

}  // namespace masa::storage
