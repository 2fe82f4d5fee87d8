#include "services/telemetry/decorators.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {
namespace {

// What the log lines say of a call that may be gone by then.
struct Traced {
  std::string request_id;
  std::string traceparent;
};

// A refusal is the client's news; only what carries no reason is ours.
void LogOutcome(const char* what, const Traced& call,
                const absl::Status& status, absl::Duration took) {
  const std::string millis =
      absl::StrCat(absl::ToInt64Microseconds(took) / 1000.0);
  if (status.ok()) {
    Log(Level::kInfo, what,
        {{"request_id", call.request_id},
         {"traceparent", call.traceparent},
         {"outcome", "answered"},
         {"milliseconds", millis}});
    return;
  }
  const Reason reason = ReasonOf(status);
  Log(reason == Reason::kInternal ? Level::kError : Level::kInfo, what,
      {{"request_id", call.request_id},
       {"traceparent", call.traceparent},
       {"outcome", "refused"},
       {"reason", std::string(InfoOf(reason).name)},
       {"detail", std::string(status.message())},
       {"milliseconds", millis}});
}

void Report(const issuance::RegistrarAnswer& answer, const Traced& call,
            Metrics& metrics) {
  for (const Alert alert : answer.alerts) {
    metrics.CountAlert(alert);
    Log(Level::kWarn, "alert",
        {{"request_id", call.request_id}, {"alert", NameOf(alert)}});
  }
}

}  // namespace

void ObservedRegistrarDesk::RequestVouchers(
    std::vector<issuance::PendingCall> calls) {
  const absl::Time start = absl::Now();
  for (issuance::PendingCall& one : calls) {
    const RequestContext& context = one.call.context;
    one.respond = [this, start,
                   traced = Traced{context.request_id, context.traceparent},
                   respond = std::move(one.respond)](
                      absl::StatusOr<issuance::RegistrarAnswer> answer) {
      const absl::Duration took = absl::Now() - start;
      metrics_.voucher_requests().Finished(answer.status(), took);
      LogOutcome("requestvoucher", traced, answer.status(), took);
      if (answer.ok()) {
        Report(*answer, traced, metrics_);
      }
      respond(std::move(answer));
    };
  }
  desk_.RequestVouchers(std::move(calls));
}

absl::StatusOr<issuance::RegistrarAnswer>
ObservedRegistrarDesk::RequestAuditLog(const issuance::RegistrarCall& call) {
  const absl::Time start = absl::Now();
  auto answer = desk_.RequestAuditLog(call);
  const absl::Duration took = absl::Now() - start;
  metrics_.audit_log_requests().Finished(answer.status(), took);
  LogOutcome("requestauditlog",
             {call.context.request_id, call.context.traceparent},
             answer.status(), took);
  return answer;
}

std::vector<absl::StatusOr<std::string>> LoggedSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const signing::ToBeSigned> items) {
  auto signatures = signer_.Sign(context, key, items);
  const auto refused =
      std::count_if(signatures.begin(), signatures.end(),
                    [](const auto& signature) { return !signature.ok(); });
  Log(refused == 0 ? Level::kInfo : Level::kWarn, "sign",
      {{"request_id", context.request_id},
       {"traceparent", context.traceparent},
       {"key", key},
       {"items", absl::StrCat(items.size())},
       {"refused", absl::StrCat(refused)}});
  return signatures;
}

absl::StatusOr<signing::KeyDescription> LoggedSigner::Describe(
    const RequestContext& context, const std::string& key) {
  return signer_.Describe(context, key);
}

std::vector<absl::StatusOr<storage::Committed>> MeteredIssuanceLog::Commit(
    const RequestContext& context,
    std::vector<storage::IssuedVoucher> vouchers) {
  const absl::Time start = absl::Now();
  auto committed = log_.Commit(context, std::move(vouchers));
  const absl::Duration took = absl::Now() - start;
  for (const auto& item : committed) {
    metrics_.commits().Finished(item.status(), took);
    if (item.ok() && !item->replayed) {
      metrics_.CountIssued(item->voucher.assertion, item->voucher.format);
    }
  }
  return committed;
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
MeteredIssuanceLog::ListForDevice(const RequestContext& context, int16_t bucket,
                                  const std::string& device_id, int limit) {
  return log_.ListForDevice(context, bucket, device_id, limit);
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
MeteredIssuanceLog::ReadForRules(const RequestContext& context,
                                 const storage::RulesQuestion& question) {
  return log_.ReadForRules(context, question);
}

absl::StatusOr<storage::IssuanceSummary> MeteredIssuanceLog::Summarize(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  return log_.Summarize(context, bucket, device_id, limit);
}

}  // namespace masa::telemetry
