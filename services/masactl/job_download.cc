#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"
#include "services/masactl/archive_check.h"
#include "services/masactl/job_commands.h"
#include "services/masactl/out_place.h"
#include "services/masactl/phrases.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::VoucherJobService;

// A stream that takes longer is gone on with in another one.
constexpr absl::Duration kStreamTakes = absl::Minutes(10);
constexpr int kMostTries = 5;
constexpr int kWidth = 30;  // of the bar

// The part of an archive that is there, of which only its user may read.
class Part {
 public:
  // What was there before is gone on with.
  static absl::StatusOr<std::unique_ptr<Part>> Open(const std::string& path) {
    const int descriptor =
        open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat state = {};
    if (descriptor < 0 || fstat(descriptor, &state) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the file cannot be written: ", path));
    }
    return std::unique_ptr<Part>(new Part(path, descriptor, state.st_size));
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part() { (void)close(descriptor_); }

  int64_t octets() const { return octets_; }

  absl::Status Append(const std::string& octets) {
    for (size_t at = 0; at < octets.size();) {
      const ssize_t written =
          write(descriptor_, octets.data() + at, octets.size() - at);
      if (written <= 0) {
        return absl::InternalError(
            absl::StrCat("the file cannot be written: ", path_));
      }
      at += static_cast<size_t>(written);
      octets_ += written;
    }
    return absl::OkStatus();
  }

  absl::Status Finish(const std::string& place) {
    return fsync(descriptor_) == 0 &&
                   std::rename(path_.c_str(), place.c_str()) == 0
               ? absl::OkStatus()
               : absl::InternalError(
                     absl::StrCat("the file cannot be written: ", place));
  }

 private:
  Part(std::string path, int descriptor, int64_t octets)
      : path_(std::move(path)), descriptor_(descriptor), octets_(octets) {}

  const std::string path_;
  const int descriptor_;
  int64_t octets_;
};

class Downloader {
 public:
  Downloader(std::shared_ptr<grpc::Channel> channel, const std::string& job_id,
             Part& part, Terminal terminal)
      : stub_(VoucherJobService::NewStub(std::move(channel))),
        job_id_(job_id),
        part_(part),
        terminal_(terminal) {}

  absl::Status Run() {
    if (part_.octets() > 0) {
      terminal_.err << "going on behind " << part_.octets() << " octets\n";
    }
    for (int tries = 0;;) {
      const int64_t before = part_.octets();
      const absl::Status status = Stream();
      if (status.ok()) {
        break;
      }
      tries = part_.octets() > before ? 0 : tries + 1;
      const bool passes = absl::IsUnavailable(status) ||
                          absl::IsDeadlineExceeded(status) ||
                          absl::IsResourceExhausted(status);
      if (!passes || tries >= kMostTries) {
        return status;
      }
      absl::SleepFor(absl::Seconds(1 << tries));
    }
    if (terminal_.progress) {
      terminal_.err << '\n';
    }
    return absl::OkStatus();
  }

 private:
  // One stream from where the one before broke off.
  absl::Status Stream() {
    masa::v1::ExportVouchersRequest request;
    request.set_job_id(job_id_);
    request.set_offset(part_.octets());
    grpc::ClientContext call;
    Prepare(&call, kStreamTakes);
    const auto reader = stub_->ExportVouchers(&call, request);
    masa::v1::ExportVouchersResponse message;
    absl::Status taken;
    while (taken.ok() && reader->Read(&message)) {
      taken = message.offset() == part_.octets()
                  ? part_.Append(message.octets())
                  : absl::InternalError("the service left something out");
      ShowProgress(message.archive_octets());
    }
    if (!taken.ok()) {
      call.TryCancel();
    }
    const absl::Status status = StatusOf(reader->Finish());
    return taken.ok() ? status : taken;
  }

  void ShowProgress(int64_t all) {
    if (terminal_.progress && all > 0) {
      const int full = static_cast<int>(
          std::min<int64_t>(kWidth, kWidth * part_.octets() / all));
      terminal_.err << "\r\033[K[" << std::string(full, '#')
                    << std::string(kWidth - full, ' ') << "] "
                    << part_.octets() / 1'000'000 << " of " << all / 1'000'000
                    << " MB" << std::flush;
    }
  }

  const std::unique_ptr<VoucherJobService::Stub> stub_;
  const std::string job_id_;
  Part& part_;
  Terminal terminal_;
};

}  // namespace

absl::StatusOr<int> DownloadJob(const CommonOptions& options,
                                const JobArguments& arguments,
                                Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const std::string place, PlaceOf(arguments.out_file));
  // Named after the job, so that another job's part is not gone on with.
  const std::string path = absl::StrCat(place, ".", arguments.job_id, ".part");
  if (arguments.job_id.find('/') != std::string::npos) {
    return absl::InvalidArgumentError("JOB is no job's id");
  }
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  MASA_ASSIGN_OR_RETURN(const auto part, Part::Open(path));
  const absl::Status loaded =
      Downloader(channel, arguments.job_id, *part, terminal).Run();
  if (!loaded.ok()) {
    if (part->octets() == 0) {
      (void)std::remove(path.c_str());
    }
    return loaded;
  }
  const auto checked = CheckArchive(path);
  if (!checked.ok()) {
    (void)std::remove(path.c_str());
    return checked.status();
  }
  MASA_RETURN_IF_ERROR(part->Finish(place));
  if (options.json) {
    terminal.out << "{\"files\":" << checked->files
                 << ",\"refused\":" << checked->refused << "}\n";
  } else {
    terminal.out << Counted(checked->files, "voucher is", "vouchers are")
                 << " in " << arguments.out_file
                 << ", each as its digest says; "
                 << Counted(checked->refused, "device was", "devices were")
                 << " refused\n";
  }
  return checked->refused == 0 ? 0 : checked->files == 0 ? 1 : 2;
}

}  // namespace masa::masactl
