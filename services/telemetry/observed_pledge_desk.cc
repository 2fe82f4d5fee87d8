#include "services/telemetry/observed_pledge_desk.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {
namespace {

using issuance::PledgeAnswer;
using issuance::PledgeOperation;

const char* NameOf(PledgeOperation operation) {
  switch (operation) {
    case PledgeOperation::kVoucherStatus:
      return "voucher_status";
    case PledgeOperation::kEnrollStatus:
      return "enrollstatus";
    default:
      return "pledge_requestvoucher";
  }
}

// A refusal is the client's news; only what carries no reason is ours.
void LogOutcome(PledgeOperation operation, const std::string& request_id,
                const absl::StatusOr<PledgeAnswer>& answer,
                absl::Duration took) {
  const std::string millis =
      absl::StrCat(absl::ToInt64Microseconds(took) / 1000.0);
  if (answer.ok()) {
    return Log(Level::kInfo, NameOf(operation),
               {{"request_id", request_id},
                {"outcome", answer->location.empty() ? "answered" : "sent on"},
                {"milliseconds", millis}});
  }
  const Reason reason = ReasonOf(answer.status());
  Log(reason == Reason::kInternal ? Level::kError : Level::kInfo,
      NameOf(operation),
      {{"request_id", request_id},
       {"outcome", "refused"},
       {"reason", std::string(InfoOf(reason).name)},
       {"detail", std::string(answer.status().message())},
       {"milliseconds", millis}});
}

// CR-22: a device that says more than this service knows is newer than it.
void LogNews(const std::string& request_id, const PledgeAnswer& answer) {
  if (!answer.is_newer_telemetry && answer.unknown_keys.empty()) {
    return;
  }
  Log(answer.is_newer_telemetry ? Level::kWarn : Level::kInfo,
      "telemetry says more than is known here",
      {{"request_id", request_id},
       {"newer_version", answer.is_newer_telemetry ? "yes" : "no"},
       {"unknown_keys",
        absl::Utf8SafeCEscape(absl::StrJoin(answer.unknown_keys, " "))}});
}

}  // namespace

ObservedPledgeDesk::ObservedPledgeDesk(issuance::PledgeDesk& desk,
                                       prometheus::Registry& registry)
    : desk_(desk),
      newer_(prometheus::BuildCounter()
                 .Name("masa_pledge_telemetry_newer_total")
                 .Help("Telemetry of devices in a newer version than is known "
                       "here")
                 .Register(registry)
                 .Add({})) {}

void ObservedPledgeDesk::Ask(std::vector<issuance::PendingPledge> calls) {
  const absl::Time start = absl::Now();
  for (issuance::PendingPledge& one : calls) {
    one.respond = [this, start, operation = one.call.operation,
                   request_id = one.call.context.request_id,
                   respond = std::move(one.respond)](
                      absl::StatusOr<PledgeAnswer> answer) {
      LogOutcome(operation, request_id, answer, absl::Now() - start);
      if (answer.ok()) {
        newer_.Increment(answer->is_newer_telemetry ? 1 : 0);
        LogNews(request_id, *answer);
      }
      respond(std::move(answer));
    };
  }
  desk_.Ask(std::move(calls));
}

}  // namespace masa::telemetry
