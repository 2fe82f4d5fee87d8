#include "services/issuance/answer_pledge.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/direct_pledge.h"
#include "services/issuance/hear_pledge.h"
#include "services/issuance/pledge_matter.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

storage::DeviceReport ReportOf(const PledgeMatter& matter, absl::Time now) {
  const storage::Device& device = matter.device->device;
  const wire::PledgeStatus& told = *matter.told;
  storage::DeviceReport report;
  report.tenant_id = device.tenant_id;
  report.bucket = device.bucket;
  report.device_id = device.device_id;
  report.kind = matter.call->operation == PledgeOperation::kVoucherStatus
                    ? storage::ReportKind::kVoucherStatus
                    : storage::ReportKind::kEnrollStatus;
  report.is_proven = matter.is_proven;
  report.at = now;
  report.version = told.version;
  report.success = told.success;
  report.reason = told.reason;
  report.context_json = told.context_json;
  report.actor = absl::StrCat(
      "device:",
      absl::BytesToHexString(matter.idevid->certificate->spki_sha256));
  report.request_id = matter.call->context.request_id;
  return report;
}

// What was told of devices that are on record; the rest is heard and dropped.
void Keep(storage::ReportStore& store, PledgeMatters& matters, absl::Time now) {
  std::vector<storage::DeviceReport> reports;
  std::vector<PledgeMatter*> of;
  ForEachOpen(matters, [&](PledgeMatter& one) {
    if (one.told && one.device) {
      reports.push_back(ReportOf(one, now));
      of.push_back(&one);
    }
    return absl::OkStatus();
  });
  if (reports.empty()) {
    return;
  }
  const absl::Status kept = store.Record(SharedContext(matters), reports);
  for (PledgeMatter* one : of) {
    one->fate = kept;
  }
}

absl::StatusOr<PledgeAnswer> AnswerOf(PledgeMatter& matter) {
  MASA_RETURN_IF_ERROR(matter.fate);
  PledgeAnswer answer;
  if (matter.told) {
    answer.is_newer_telemetry = matter.told->is_newer;
    answer.unknown_keys = std::move(matter.told->unknown_keys);
  } else if (!matter.location.empty()) {
    answer.location = std::move(matter.location);
  } else {
    answer.content_type = wire::AnswerTypeFor(
        matter.reception, matter.call->content_type, matter.call->accept);
    answer.body = std::move(matter.voucher);
  }
  return answer;
}

}  // namespace

void AnswerPledge::Ask(std::vector<PendingPledge> calls) {
  const absl::Time now = tools_.clock.Now();
  PledgeMatters matters(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    matters[i].call = &calls[i].call;
  }
  ForEachOpen(matters,
              [&](PledgeMatter& one) { return HearPledge(tools_, one, now); });
  FindPledges(tools_, matters, now);
  DirectPledges(tools_, matters, now);
  IssueToPledges(tools_, matters, now);
  Keep(reports_, matters, now);
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].respond(AnswerOf(matters[i]));
  }
}

}  // namespace masa::issuance
