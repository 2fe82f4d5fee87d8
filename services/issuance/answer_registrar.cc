#include "services/issuance/answer_registrar.h"

#include <algorithm>
#include <utility>

#include "services/issuance/audit_log_view.h"
#include "services/issuance/decide.h"
#include "services/issuance/hear.h"
#include "services/issuance/issue.h"
#include "services/issuance/look_up.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/audit_log_json.h"
#include "services/wire/media_type.h"

namespace masa::issuance {
namespace {

// One answer for a log that is not there and one that is not the caller's
// (EP-53).
absl::Status AuditLogUnknown() {
  return Refuse(Reason::kAuditLogUnknown,
                "there is no audit log of this device for this registrar");
}

// EP-50: the device's owner, and whoever had a voucher for it.
absl::Status CheckReads(const Tools& tools, const Matter& matter,
                        const History& newest) {
  const auto reads = [&matter](const History& events) {
    return !events.empty() &&
           (matter.subject->standing.is_owner ||
            std::any_of(events.begin(), events.end(), [&](const auto& event) {
              return voucher::IssuedTo(event, matter.heard->registrar);
            }));
  };
  if (reads(newest)) {
    return absl::OkStatus();
  }
  if (newest.size() <= kMostShown) {
    return AuditLogUnknown();
  }
  MASA_ASSIGN_OR_RETURN(const History asked, ReadHistory(tools, matter));
  return reads(asked) ? absl::OkStatus() : AuditLogUnknown();
}

// `newest` is all of a log that is shown whole, and of others more than that.
absl::StatusOr<wire::AuditLog> LogOf(const Tools& tools, const Matter& matter,
                                     const History& newest) {
  if (newest.size() <= kMostShown) {
    return ViewOf(newest, *matter.product);
  }
  const storage::Device& device = matter.subject->device.device;
  MASA_ASSIGN_OR_RETURN(
      const storage::IssuanceSummary summary,
      tools.log.Summarize(matter.call->context, device.bucket, device.device_id,
                          static_cast<int>(kMostShown)));
  return ViewOf(summary, *matter.product);
}

absl::Status Begin(const Tools& tools, Matter& matter, absl::Time now) {
  if (now >= matter.call->context.deadline) {
    return Refuse(Reason::kDeadlineExceeded,
                  "the call's deadline passed before it was begun");
  }
  MASA_RETURN_IF_ERROR(CheckPath(tools, *matter.call));
  // EP-36: of a voucher's answer only; the audit log is application/json.
  MASA_RETURN_IF_ERROR(wire::FormatsOfAccept(matter.call->accept,
                                             masa::v1::FORMAT_CMS_JSON, true)
                           .status());
  MASA_ASSIGN_OR_RETURN(matter.heard, Hear(tools, *matter.call, now));
  return absl::OkStatus();
}

// A change that came between look and commit is rare, and three in a row are
// somebody's doing.
constexpr int kMostLooks = 3;

// Those whose device was changed between look and commit, as they were heard.
Matters TakeChanged(Matters& matters, std::vector<Matter*>& of) {
  Matters changed;
  of.clear();
  for (Matter& matter : matters) {
    if (!matter.fate.ok() && ReasonOf(matter.fate) == Reason::kStoreConflict) {
      of.push_back(&matter);
      Matter& again = changed.emplace_back();
      again.call = matter.call;
      again.heard = std::move(matter.heard);
    }
  }
  return changed;
}

absl::StatusOr<RegistrarAnswer> AnswerOf(Matter& matter) {
  MASA_RETURN_IF_ERROR(matter.fate);
  const wire::Reception& reception = matter.heard->reception;
  return RegistrarAnswer{
      wire::AnswerTypeFor(reception, matter.call->content_type,
                          matter.call->accept),
      wire::AnswerBodyFor(reception, std::move(matter.voucher)),
      std::move(matter.alerts)};
}

}  // namespace

void AnswerRegistrar::RequestVouchers(std::vector<PendingCall> calls) {
  const absl::Time now = tools_.clock.Now();
  Matters matters(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    matters[i].call = &calls[i].call;
  }
  tools_.stages.Run(Stage::kVerify, matters.size(), [&] {
    ForEachOpen(matters,
                [&](Matter& matter) { return Begin(tools_, matter, now); });
  });
  Answer(matters, now);
  std::vector<Matter*> of;
  for (int look = 1; look < kMostLooks; ++look) {
    Matters changed = TakeChanged(matters, of);
    Answer(changed, now);
    for (size_t i = 0; i < of.size(); ++i) {
      *of[i] = std::move(changed[i]);
    }
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].respond(AnswerOf(matters[i]));
  }
}

void AnswerRegistrar::Answer(Matters& matters, absl::Time now) {
  if (matters.empty()) {
    return;
  }
  const auto run = [&](Stage stage, absl::FunctionRef<void()> work) {
    tools_.stages.Run(stage, matters.size(), work);
  };
  run(Stage::kResolve, [&] { LookUp(tools_, matters); });
  run(Stage::kDecide, [&] {
    ForEachOpen(matters,
                [&](Matter& matter) { return Decide(tools_, matter, now); });
  });
  run(Stage::kSign, [&] { Sign(tools_, matters); });
  run(Stage::kCommit, [&] { Commit(tools_, matters, now); });
}

absl::StatusOr<RegistrarAnswer> AnswerRegistrar::RequestAuditLog(
    const RegistrarCall& call) {
  Matters matters(1);
  Matter& matter = matters.front();
  matter.call = &call;
  MASA_RETURN_IF_ERROR(CheckPath(tools_, call));
  MASA_ASSIGN_OR_RETURN(matter.heard, Hear(tools_, call, tools_.clock.Now()));
  LookUp(tools_, matters);
  if (!matter.fate.ok()) {
    const Reason reason = ReasonOf(matter.fate);
    return reason == Reason::kDeviceUnknown ||
                   reason == Reason::kDeviceAmbiguous
               ? AuditLogUnknown()
               : matter.fate;
  }
  const storage::Device& device = matter.subject->device.device;
  MASA_ASSIGN_OR_RETURN(
      const History newest,
      tools_.log.ListForDevice(call.context, device.bucket, device.device_id,
                               static_cast<int>(kMostShown) + 1));
  MASA_RETURN_IF_ERROR(CheckReads(tools_, matter, newest));
  MASA_RETURN_IF_ERROR(MeetProduct(matter));
  MASA_RETURN_IF_ERROR(voucher::CheckForgiven(matter.heard->reception.forgiven,
                                              matter.product->compatibility()));
  MASA_ASSIGN_OR_RETURN(const wire::AuditLog log,
                        LogOf(tools_, matter, newest));
  return RegistrarAnswer{"application/json", wire::EncodeAuditLogJson(log)};
}

}  // namespace masa::issuance
