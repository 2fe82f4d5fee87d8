#include "services/telemetry/observed_enrollment_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {
namespace {

using issuance::EstOperation;

bool IsEnrollment(EstOperation operation) {
  return operation != EstOperation::kCaCerts &&
         operation != EstOperation::kCsrAttrs;
}

const char* NameOf(EstOperation operation) {
  switch (operation) {
    case EstOperation::kSimpleReenroll:
      return "simplereenroll";
    case EstOperation::kServerKeygen:
      return "serverkeygen";
    default:
      return "simpleenroll";
  }
}

// A refusal is the client's news; only what carries no reason is ours. Its
// sentence may name a device, so that only the client has it (SE-11).
void LogOutcome(EstOperation operation, const std::string& request_id,
                const absl::Status& status, absl::Duration took) {
  const std::string millis =
      absl::StrCat(absl::ToInt64Microseconds(took) / 1000.0);
  if (status.ok()) {
    return Log(Level::kInfo, NameOf(operation),
               {{"request_id", request_id},
                {"outcome", "issued"},
                {"milliseconds", millis}});
  }
  const Reason reason = ReasonOf(status);
  Log(reason == Reason::kInternal ? Level::kError : Level::kInfo,
      NameOf(operation),
      {{"request_id", request_id},
       {"outcome", "refused"},
       {"reason", std::string(InfoOf(reason).name)},
       {"milliseconds", millis}});
}

}  // namespace

ObservedEnrollmentDesk::ObservedEnrollmentDesk(issuance::EnrollmentDesk& desk,
                                               prometheus::Registry& registry)
    : desk_(desk),
      enrollments_(registry, "enrollments", "denied",
                   "Requests of EST clients for certificates") {}

void ObservedEnrollmentDesk::Ask(std::vector<issuance::PendingEst> calls) {
  const absl::Time start = absl::Now();
  for (issuance::PendingEst& one : calls) {
    if (!IsEnrollment(one.call.operation)) {
      continue;
    }
    one.respond = [this, start, operation = one.call.operation,
                   request_id = one.call.context.request_id,
                   respond = std::move(one.respond)](
                      absl::StatusOr<issuance::EstAnswer> answer) {
      const absl::Duration took = absl::Now() - start;
      enrollments_.Finished(answer.status(), took);
      LogOutcome(operation, request_id, answer.status(), took);
      respond(std::move(answer));
    };
  }
  desk_.Ask(std::move(calls));
}

}  // namespace masa::telemetry
