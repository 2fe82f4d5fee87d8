#include "services/masactl/job_commands.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/rpc/channel.h"

namespace masa::masactl {
namespace {

using masa::v1::VoucherJob;
using masa::v1::VoucherJobService;

constexpr int kMostTries = 5;
constexpr int kWidth = 30;  // of the bar

std::string StateText(const VoucherJob& job) {
  return absl::AsciiStrToLower(
      masa::v1::VoucherJobState_Name(job.state())
          .substr(std::string("VOUCHER_JOB_STATE_").size()));
}

std::string CountText(const VoucherJob& job) {
  return absl::StrCat(job.issued(), " issued, ", job.refused(), " refused",
                      job.has_total() ? absl::StrCat(" of ", job.total()) : "");
}

std::string Line(const VoucherJob& job) {
  return absl::StrCat(job.job_id(), "  ", StateText(job), "  ", CountText(job),
                      "  since ", TimeText(job.create_time()));
}

void Print(const VoucherJob& job, std::ostream& out) {
  out << Line(job) << '\n';
  if (job.rate() > 0) {
    out << absl::StrFormat("  %.0f devices/s", job.rate());
    if (job.has_remaining()) {
      out << ", "
          << absl::FormatDuration(absl::Seconds(job.remaining().seconds()))
          << " left";
    }
    out << '\n';
  }
  if (job.has_rests()) {
    out << "  rests until " << TimeText(job.resume_time()) << ": "
        << job.rests().reason() << ": " << Shown(job.rests().message()) << '\n';
  }
  if (job.has_failure()) {
    out << "  " << job.failure().reason() << ": "
        << Shown(job.failure().message()) << '\n';
  }
  for (const auto& refused : job.first_refused()) {
    out << "  " << Shown(refused.serial_number()) << ": " << refused.reason()
        << ": " << Shown(refused.message()) << '\n';
  }
}

int Show(const CommonOptions& options, const VoucherJob& job,
         Terminal terminal) {
  if (options.json) {
    terminal.out << JsonOf(job) << '\n';
  } else {
    Print(job, terminal.out);
  }
  return 0;
}

// Exactly one of the three.
absl::Status PinInto(const JobArguments& arguments,
                     masa::v1::StartVoucherJobRequest* request) {
  const int pins = (arguments.domain_cert_file.empty() ? 0 : 1) +
                   (arguments.cert_id.empty() ? 0 : 1) +
                   (arguments.est ? 1 : 0);
  if (pins != 1) {
    return absl::InvalidArgumentError(
        "give exactly one of --domain-cert, --cert-id and --est");
  }
  if (!arguments.domain_cert_file.empty()) {
    MASA_ASSIGN_OR_RETURN(*request->mutable_pinned_cert_der(),
                          ReadCertificate(arguments.domain_cert_file));
  } else if (arguments.est) {
    request->set_est_onboarding(true);
  } else {
    request->set_cert_id(arguments.cert_id);
  }
  return absl::OkStatus();
}

absl::Status LifetimeInto(const JobArguments& arguments,
                          masa::v1::StartVoucherJobRequest* request) {
  if (arguments.expires_in.empty() != arguments.endless) {
    return absl::InvalidArgumentError("give one of --expires-in and --endless");
  }
  absl::Duration lifetime;
  if (!arguments.endless) {
    if (!absl::ParseDuration(arguments.expires_in, &lifetime) ||
        lifetime <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          "--expires-in is not a time like 20m or 720h");
    }
    request->mutable_expires_on()->set_seconds(
        absl::ToUnixSeconds(absl::Now() + lifetime));
  }
  return absl::OkStatus();
}

absl::StatusOr<masa::v1::StartVoucherJobRequest> OrderOf(
    const JobArguments& arguments) {
  masa::v1::StartVoucherJobRequest request;
  request.set_organization_id(arguments.organization);
  request.set_group_id(arguments.group);
  request.set_filter(arguments.filter);
  MASA_RETURN_IF_ERROR(PinInto(arguments, &request));
  MASA_RETURN_IF_ERROR(LifetimeInto(arguments, &request));
  request.set_format(arguments.format == "jws"    ? masa::v1::FORMAT_JWS_JSON
                     : arguments.format == "cose" ? masa::v1::FORMAT_COSE_CBOR
                                                  : masa::v1::FORMAT_CMS_JSON);
  request.set_request_id(arguments.request_id);
  request.set_validate_only(arguments.check);
  return request;
}

void ShowProgress(const VoucherJob& job, Terminal terminal) {
  if (!terminal.progress) {
    return;
  }
  const int64_t done = job.issued() + job.refused();
  const double share = job.total() > 0
                           ? std::min(1.0, static_cast<double>(done) /
                                               static_cast<double>(job.total()))
                           : 0;
  const int full = static_cast<int>(kWidth * share);
  terminal.err << "\r\033[K[" << std::string(full, '#')
               << std::string(kWidth - full, ' ') << "] " << CountText(job)
               << absl::StrFormat(", %.0f/s", job.rate());
  if (job.has_rests()) {
    terminal.err << ", rests: " << job.rests().reason();
  } else if (job.has_remaining()) {
    terminal.err << ", "
                 << absl::FormatDuration(
                        absl::Seconds(job.remaining().seconds()))
                 << " left";
  }
  terminal.err << std::flush;
}

// One wait, of a second: the job as it is then.
absl::StatusOr<VoucherJob> WaitOnce(VoucherJobService::Stub& stub,
                                    const std::string& job_id) {
  masa::v1::WaitVoucherJobRequest request;
  request.set_job_id(job_id);
  request.mutable_timeout()->set_seconds(1);
  grpc::ClientContext call;
  rpc::Carry({"", "", absl::Now() + absl::Seconds(20)}, &call);
  masa::v1::WaitVoucherJobResponse response;
  MASA_RETURN_IF_ERROR(
      StatusOf(stub.WaitVoucherJob(&call, request, &response)));
  return response.job();
}

int ExitStatusOf(const VoucherJob& job) {
  const bool all = job.state() == masa::v1::VOUCHER_JOB_STATE_SUCCEEDED &&
                   job.refused() == 0;
  return all ? 0 : job.issued() > 0 ? 2 : 1;
}

}  // namespace

absl::StatusOr<VoucherJob> BeginJob(const CommonOptions& options,
                                    const JobArguments& arguments) {
  MASA_ASSIGN_OR_RETURN(const auto request, OrderOf(arguments));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<VoucherJobService>(
          options, &VoucherJobService::Stub::StartVoucherJob, request)));
  return response.job();
}

absl::StatusOr<int> StartJob(const CommonOptions& options,
                             const JobArguments& arguments, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const VoucherJob job, BeginJob(options, arguments));
  return Tell(options, terminal, job,
              arguments.check
                  ? absl::StrCat("it would be for ",
                                 Counted(job.total(), "device", "devices"))
                  : absl::StrCat("job ", job.job_id(),
                                 "; see it with `voucher job watch`"));
}

absl::StatusOr<int> ListJobs(const CommonOptions& options, const JobArguments&,
                             Terminal terminal) {
  masa::v1::ListVoucherJobsRequest request;
  masa::v1::ListVoucherJobsResponse all;
  do {
    MASA_ASSIGN_OR_RETURN(
        const auto page,
        (Ask<VoucherJobService>(
            options, &VoucherJobService::Stub::ListVoucherJobs, request)));
    all.mutable_jobs()->MergeFrom(page.jobs());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << JsonOf(all) << '\n';
    return 0;
  }
  for (const VoucherJob& job : all.jobs()) {
    terminal.out << Line(job) << '\n';
  }
  if (all.jobs().empty()) {
    terminal.out << "no job\n";
  }
  return 0;
}

absl::StatusOr<int> GetJob(const CommonOptions& options,
                           const JobArguments& arguments, Terminal terminal) {
  masa::v1::GetVoucherJobRequest request;
  request.set_job_id(arguments.job_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<VoucherJobService>(options, &VoucherJobService::Stub::GetVoucherJob,
                              request)));
  return Show(options, response.job(), terminal);
}

absl::StatusOr<int> WatchJob(const CommonOptions& options,
                             const JobArguments& arguments, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = VoucherJobService::NewStub(channel);
  VoucherJob job;
  for (int tries = 0; !job.has_end_time();) {
    auto seen = WaitOnce(*stub, arguments.job_id);
    tries = seen.ok() ? 0 : tries + 1;
    const bool passes = absl::IsUnavailable(seen.status()) ||
                        absl::IsResourceExhausted(seen.status()) ||
                        absl::IsDeadlineExceeded(seen.status());
    if (!seen.ok() && (!passes || tries >= kMostTries)) {
      return seen.status();
    }
    if (seen.ok()) {
      job = *std::move(seen);
      ShowProgress(job, terminal);
    } else {
      absl::SleepFor(absl::Seconds(1 << tries));
    }
  }
  if (terminal.progress) {
    terminal.err << '\n';
  }
  (void)Show(options, job, terminal);
  return ExitStatusOf(job);
}

absl::StatusOr<int> CancelJob(const CommonOptions& options,
                              const JobArguments& arguments,
                              Terminal terminal) {
  masa::v1::CancelVoucherJobRequest request;
  request.set_job_id(arguments.job_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<VoucherJobService>(
          options, &VoucherJobService::Stub::CancelVoucherJob, request)));
  return Show(options, response.job(), terminal);
}

}  // namespace masa::masactl
