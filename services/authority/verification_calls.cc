#include "services/authority/verification_calls.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/authority/audit_calls.h"
#include "services/authority/convert.h"
#include "services/wire/uuid_text.h"

namespace masa::authority {
namespace {

using storage::AuditVerification;
using storage::v1::AUDIT_VERIFICATION_STATE_ENDED;

google::protobuf::Timestamp TimestampOfMicros(int64_t micros) {
  return TimestampOf(absl::FromUnixMicros(micros));
}

masa::v1::AuditVerdict VerdictOf(const AuditVerification& one) {
  masa::v1::AuditVerdict verdict;
  verdict.set_holds(one.state() == AUDIT_VERIFICATION_STATE_ENDED &&
                    one.faults() == 0);
  verdict.set_faults(static_cast<uint64_t>(one.faults()));
  if (one.faults() > 0) {
    verdict.set_says(one.first_fault());
  } else if (verdict.holds()) {
    verdict.set_says(absl::StrCat(
        one.size(), " events of the log are as its checkpoints say"));
  }
  return verdict;
}

}  // namespace

masa::v1::AuditVerification MessageOf(const AuditVerification& one) {
  masa::v1::AuditVerification message;
  message.set_verification_id(wire::UuidTextOf(one.verification_id()));
  message.set_state(static_cast<masa::v1::AuditVerificationState>(one.state()));
  message.set_size(one.size());
  message.set_done(one.done());
  *message.mutable_verdict() = VerdictOf(one);
  *message.mutable_create_time() = TimestampOfMicros(one.created_at());
  *message.mutable_update_time() = TimestampOfMicros(one.updated_at());
  if (one.ended_at() != 0) {
    *message.mutable_end_time() = TimestampOfMicros(one.ended_at());
  }
  if (one.worked_micros() > 0) {
    message.set_rate(static_cast<double>(one.done()) * 1e6 /
                     static_cast<double>(one.worked_micros()));
  }
  return message;
}

std::string VerificationNameOf(const AuditVerification& one) {
  return absl::StrCat(kVerifications, "/",
                      wire::UuidTextOf(one.verification_id()));
}

google::longrunning::Operation OperationOf(const AuditVerification& one) {
  google::longrunning::Operation operation;
  operation.set_name(VerificationNameOf(one));
  operation.mutable_metadata()->PackFrom(MessageOf(one));
  operation.set_done(storage::HasEnded(one));
  if (!operation.done()) {
    return operation;
  }
  if (one.state() == AUDIT_VERIFICATION_STATE_ENDED) {
    operation.mutable_response()->PackFrom(VerdictOf(one));
  } else {
    operation.mutable_error()->set_code(
        static_cast<int>(absl::StatusCode::kCancelled));
    operation.mutable_error()->set_message("the verification was cancelled");
  }
  return operation;
}

bool IsVerificationName(const std::string& name) {
  return absl::StartsWith(name, absl::StrCat(kVerifications, "/"));
}

absl::StatusOr<std::string> VerificationIdOfName(const std::string& name) {
  const auto id = OctetsOfUuid(
      std::string(absl::StripPrefix(name, absl::StrCat(kVerifications, "/"))),
      "name");
  return IsVerificationName(name) && id.ok()
             ? id
             : absl::StatusOr<std::string>(storage::VerificationUnknown());
}

}  // namespace masa::authority
