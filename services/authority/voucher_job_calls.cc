#include "services/authority/voucher_job_calls.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/authority/convert.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/uuid_text.h"

namespace masa::authority {
namespace {

using masa::v1::StartVoucherJobRequest;

constexpr char kNames[] = "voucherJobs/";
constexpr absl::Duration kLongestWait = absl::Minutes(10);
// What is left of a call when its wait is over: the answer goes out in it.
constexpr absl::Duration kForTheAnswer = absl::Milliseconds(200);
constexpr size_t kMostOctets = 1 << 20;
constexpr size_t kLongestName = 256;

google::protobuf::Timestamp TimestampOfMicros(int64_t micros) {
  return TimestampOf(absl::FromUnixMicros(micros));
}

bool HasEnded(const storage::VoucherJob& job) { return job.ended_at() != 0; }

void AddTerms(const storage::VoucherJobTerms& terms,
              masa::v1::VoucherJob* message) {
  message->set_organization_id(terms.organization_id());
  message->set_group_id(terms.group_id());
  message->set_filter(terms.filter());
  message->set_pinned_cert_der(terms.pinned_cert_der());
  message->set_cert_id(terms.cert_id());
  message->set_est_onboarding(terms.est_onboarding());
  if (terms.has_expires_on()) {
    message->mutable_expires_on()->set_seconds(terms.expires_on());
  }
  message->set_format(static_cast<masa::v1::Format>(terms.format()));
}

void AddTimes(const storage::VoucherJob& job, masa::v1::VoucherJob* message) {
  *message->mutable_create_time() = TimestampOfMicros(job.created_at());
  *message->mutable_update_time() = TimestampOfMicros(job.updated_at());
  if (job.started_at() != 0) {
    *message->mutable_start_time() = TimestampOfMicros(job.started_at());
  }
  if (HasEnded(job)) {
    *message->mutable_end_time() = TimestampOfMicros(job.ended_at());
  }
}

void AddProgress(const storage::VoucherJob& job,
                 masa::v1::VoucherJob* message) {
  if (job.has_total()) {
    message->set_total(job.total());
  }
  message->set_issued(job.issued());
  message->set_refused(job.refused());
  for (const storage::VoucherJobItem& item : job.first_refused()) {
    auto* refused = message->add_first_refused();
    refused->set_serial_number(item.serial_number());
    refused->set_idevid_issuer_ski(item.idevid_issuer());
    refused->set_reason(item.reason());
    refused->set_message(item.message());
  }
  const auto done = static_cast<double>(job.issued() + job.refused());
  if (job.worked_micros() <= 0 || done <= 0) {
    return;
  }
  message->set_rate(done * 1e6 / static_cast<double>(job.worked_micros()));
  if (job.has_total() && !HasEnded(job)) {
    const double left = std::max(0.0, static_cast<double>(job.total()) - done);
    message->mutable_remaining()->set_seconds(
        static_cast<int64_t>(left / message->rate() + 0.5));
  }
}

google::rpc::Status ErrorOf(const storage::VoucherJob& job) {
  google::rpc::Status error;
  if (job.state() == storage::v1::VOUCHER_JOB_STATE_CANCELLED) {
    error.set_code(static_cast<int>(absl::StatusCode::kCancelled));
    error.set_message("the job was cancelled");
  } else {
    error.set_code(
        static_cast<int>(InfoOf(ReasonNamed(job.failure_reason())).code));
    error.set_message(
        absl::StrCat(job.failure_reason(), ": ", job.failure_message()));
  }
  return error;
}

}  // namespace

absl::StatusOr<issuance::VoucherJobOrder> OrderOf(
    const StartVoucherJobRequest& request) {
  FieldChecker check;
  issuance::VoucherJobOrder order;
  order.listing = {request.organization_id(), request.group_id(),
                   request.filter(), false};
  order.pinned_cert_der = request.pinned_cert_der();
  order.cert_id = request.cert_id();
  order.est_onboarding = request.est_onboarding();
  if (order.pinned_cert_der.empty() && order.cert_id.empty() &&
      !order.est_onboarding) {
    check.Fault("pinned_cert_der",
                "is needed, or cert_id or est_onboarding instead");
  }
  if (order.cert_id.size() > kLongestName) {
    check.Fault("cert_id", "is over 256 octets");
  }
  if (request.organization_id().size() > kLongestName) {
    check.Fault("organization_id", "is over 256 octets");
  }
  if (request.group_id().size() > kLongestName) {
    check.Fault("group_id", "is over 256 octets");
  }
  if (!masa::v1::Format_IsValid(request.format())) {
    check.Fault("format", "is none");
  } else if (request.format() != masa::v1::FORMAT_UNSPECIFIED) {
    order.format = request.format();
  }
  if (request.has_expires_on()) {
    const auto ends = MomentOf("expires_on", request.expires_on());
    if (ends.ok() && *ends >= absl::UnixEpoch()) {
      order.expires_on = *ends;
    } else {
      check.Fault("expires_on", "is no time between the years 1970 and 9999");
    }
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  return order;
}

masa::v1::VoucherJob MessageOf(const issuance::VoucherJobView& view) {
  const storage::VoucherJob& job = view.job;
  masa::v1::VoucherJob message;
  message.set_job_id(job.job_id().empty() ? ""
                                          : wire::UuidTextOf(job.job_id()));
  message.set_state(static_cast<masa::v1::VoucherJobState>(job.state()));
  AddTerms(job.terms(), &message);
  AddTimes(job, &message);
  AddProgress(job, &message);
  if (!job.rest_reason().empty()) {
    message.mutable_rests()->set_reason(job.rest_reason());
    message.mutable_rests()->set_message(job.rest_message());
    *message.mutable_resume_time() = TimestampOfMicros(job.rest_until());
  }
  if (!job.failure_reason().empty()) {
    message.mutable_failure()->set_reason(job.failure_reason());
    message.mutable_failure()->set_message(job.failure_message());
  }
  message.set_archive_octets(view.archive_octets);
  return message;
}

google::longrunning::Operation OperationOf(
    const issuance::VoucherJobView& view) {
  const masa::v1::VoucherJob message = MessageOf(view);
  google::longrunning::Operation operation;
  operation.set_name(absl::StrCat(kNames, message.job_id()));
  operation.mutable_metadata()->PackFrom(message);
  operation.set_done(HasEnded(view.job));
  if (!operation.done()) {
    return operation;
  }
  if (view.job.state() == storage::v1::VOUCHER_JOB_STATE_SUCCEEDED) {
    operation.mutable_response()->PackFrom(message);
  } else {
    *operation.mutable_error() = ErrorOf(view.job);
  }
  return operation;
}

absl::StatusOr<std::string> JobIdOf(const std::string& uuid) {
  std::string hex = uuid;
  hex.erase(std::remove(hex.begin(), hex.end(), '-'), hex.end());
  const std::string octets = absl::HexStringToBytes(hex);
  return !octets.empty() && wire::UuidTextOf(octets) == uuid
             ? absl::StatusOr<std::string>(octets)
             : Refuse(Reason::kJobUnknown,
                      "there is no such job, or this account may not see it");
}

absl::StatusOr<std::string> JobIdOfName(const std::string& name) {
  return JobIdOf(absl::StartsWith(name, kNames)
                     ? std::string(absl::StripPrefix(name, kNames))
                     : "");
}

absl::StatusOr<absl::Time> WaitEndOf(
    const std::optional<google::protobuf::Duration>& timeout, absl::Time now,
    absl::Time deadline) {
  absl::Duration wait = kLongestWait;
  if (timeout) {
    wait =
        absl::Seconds(timeout->seconds()) + absl::Nanoseconds(timeout->nanos());
  }
  if (wait < absl::ZeroDuration()) {
    return RefuseFields(Reason::kInvalidArgument,
                        {{"timeout", "is less than zero"}});
  }
  return std::min(now + std::min(wait, kLongestWait), deadline - kForTheAnswer);
}

std::vector<masa::v1::ExportVouchersResponse> MessagesOf(
    const issuance::ArchivePiece& piece, int64_t offset) {
  std::vector<masa::v1::ExportVouchersResponse> messages;
  for (size_t at = 0; at < piece.octets.size(); at += kMostOctets) {
    auto& message = messages.emplace_back();
    message.set_octets(piece.octets.substr(at, kMostOctets));
    message.set_offset(offset + static_cast<int64_t>(at));
    message.set_archive_octets(piece.archive_octets);
  }
  return messages;
}

}  // namespace masa::authority
