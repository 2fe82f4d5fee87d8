#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/commands.h"
#include "services/masactl/device_file.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/rpc/status_codec.h"
#include "services/signing/remote/crc32c.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masactl {
namespace {

using masa::v1::ImportDevicesRequest;
using masa::v1::ImportProgress;

// Then another stream begins: its answer says what was committed, and which
// lines were not taken.
constexpr int kChunksOfAStream = 100;
constexpr absl::Duration kStreamTakes = absl::Minutes(10);
constexpr int kMostRuns = 1000;
constexpr int kMostIdle = 5;  // streams in a row that bring nothing

ImportDevicesRequest::OnConflict ConflictNamed(const std::string& name) {
  return name == "skip"     ? ImportDevicesRequest::ON_CONFLICT_SKIP
         : name == "update" ? ImportDevicesRequest::ON_CONFLICT_UPDATE
                            : ImportDevicesRequest::ON_CONFLICT_FAIL;
}

std::string CountsOf(const ImportProgress& progress) {
  return absl::StrCat(progress.created(), " created, ", progress.updated(),
                      " updated, ", progress.skipped(), " skipped, ",
                      progress.failed(), " refused");
}

class Importer {
 public:
  Importer(std::shared_ptr<grpc::Channel> channel, const std::string& path,
           DeviceFile& file, ImportDevicesRequest::OnConflict on_conflict,
           Terminal terminal)
      : stub_(masa::v1::DeviceService::NewStub(std::move(channel))),
        path_(path),
        file_(file),
        on_conflict_(on_conflict),
        terminal_(terminal) {}

  // Goes on where the import stands, to its end. AlreadyExists when that was
  // before.
  absl::StatusOr<ImportProgress> Run(const std::string& import_id) {
    import_id_ = import_id;
    MASA_ASSIGN_OR_RETURN(progress_, Find(import_id));
    if (progress_.complete()) {
      // Of this file or of another one: nobody knows.
      return absl::AlreadyExistsError(absl::StrCat(
          "import ", import_id_, " has ended already (", CountsOf(progress_),
          "), so nothing of ", path_, " was sent; give another --import-id"));
    }
    if (progress_.last_committed_sequence() > 0 && !progress_.complete()) {
      terminal_.err << "going on with import " << import_id_ << " behind "
                    << Taken() + progress_.failed() << " devices\n";
    }
    for (int idle = 0; !progress_.complete();) {
      const uint64_t before = progress_.last_committed_sequence();
      MASA_RETURN_IF_ERROR(GoTo(before));
      const absl::Status status = Stream();
      if (!status.ok()) {
        MASA_RETURN_IF_ERROR(Recover(status, idle));
      }
      idle = progress_.last_committed_sequence() > before ? 0 : idle + 1;
      if (idle == kMostIdle && !progress_.complete()) {
        return GivenUp(status);
      }
    }
    EndProgress();
    if (in_transfer_ > 0) {
      terminal_.err << in_transfer_
                    << " devices are IN_TRANSFER in the file, which no import "
                       "makes them: new ones are MANUFACTURED, the others as "
                       "they were\n";
    }
    TellUntold();
    progress_.set_failed(progress_.failed() + rejected_);
    return progress_;
  }

  // An id for this file that no import has that came to its end: the same
  // import when it did not, and another one each time after that.
  absl::StatusOr<std::string> Identify(const std::string& on_conflict) {
    for (int run = 1; run <= kMostRuns; ++run) {
      const std::string id =
          absl::StrCat("file-", file_.Mark(), "-", on_conflict, "-", run);
      MASA_ASSIGN_OR_RETURN(const ImportProgress found, Find(id));
      if (!found.complete()) {
        return id;
      }
    }
    return absl::InvalidArgumentError(
        "this file was imported too often; name the import with --import-id");
  }

 private:
  // How far the import is; nothing done when it is not known.
  absl::StatusOr<ImportProgress> Find(const std::string& import_id) {
    masa::v1::GetImportRequest request;
    request.set_import_id(import_id);
    masa::v1::GetImportResponse response;
    grpc::ClientContext call;
    Prepare(&call);
    const grpc::Status status = stub_->GetImport(&call, request, &response);
    if (status.error_code() != grpc::StatusCode::NOT_FOUND) {
      MASA_RETURN_IF_ERROR(StatusOf(status));
    }
    return response.progress();
  }

  // Behind what was committed, by this process or by one before it.
  absl::Status GoTo(uint64_t sequence) {
    if (sequence <= file_.sequence()) {
      file_.GoBack(sequence);
    }
    while (file_.sequence() < sequence) {
      MASA_ASSIGN_OR_RETURN(const FileChunk chunk, Read());
      if (chunk.list.devices_size() == 0) {
        return absl::InvalidArgumentError(absl::StrCat(
            "import ", import_id_, " is of another file: it has more devices"));
      }
    }
    return absl::OkStatus();
  }

  // The next chunk; what is to say of its lines is told, and counted, once.
  absl::StatusOr<FileChunk> Read() {
    MASA_ASSIGN_OR_RETURN(FileChunk chunk, file_.Next());
    if (chunk.sequence > told_) {
      told_ = chunk.sequence;
      rejected_ += static_cast<int64_t>(chunk.rejected.size());
      in_transfer_ += std::count_if(
          chunk.list.devices().begin(), chunk.list.devices().end(),
          [](const masa::v1::Device& device) {
            return device.state() == masa::v1::DEVICE_STATE_IN_TRANSFER;
          });
      for (const auto& [line, why] : chunk.rejected) {
        Tell(line, why);
      }
    }
    return chunk;
  }

  void Tell(int line, absl::string_view why) {
    if (terminal_.progress) {
      terminal_.err << "\r\033[K";
    }
    terminal_.err << "line " << line << ": " << Shown(why) << '\n';
  }

  // One stream, and what it answers.
  absl::Status Stream() {
    grpc::ClientContext call;
    Prepare(&call, kStreamTakes);
    masa::v1::ImportDevicesResponse response;
    auto writer = stub_->ImportDevices(&call, &response);
    lines_.clear();
    const absl::Status sent = Send(*writer);
    if (!sent.ok()) {
      call.TryCancel();
    }
    writer->WritesDone();
    const grpc::Status answered = writer->Finish();
    is_overtaken_ =
        rpc::ReasonNameIn(answered) == InfoOf(Reason::kImportOutOfOrder).name;
    MASA_RETURN_IF_ERROR(sent);
    MASA_RETURN_IF_ERROR(StatusOf(answered));
    progress_ = response.progress();
    told_refused_ += response.errors_size();
    for (const masa::v1::ImportError& error : response.errors()) {
      const auto lines = lines_.find(error.sequence());
      Tell(lines == lines_.end() ? 0 : lines->second.at(error.index()),
           absl::StrCat(error.reason(), ": ", error.message()));
    }
    ShowProgress();
    return absl::OkStatus();
  }

  // Stops without an error when the service takes no more.
  absl::Status Send(grpc::ClientWriter<ImportDevicesRequest>& writer) {
    ImportDevicesRequest message;
    message.mutable_header()->set_import_id(import_id_);
    message.mutable_header()->set_on_conflict(on_conflict_);
    bool taken = writer.Write(message);
    for (int sent = 0; taken && sent < kChunksOfAStream; ++sent) {
      MASA_ASSIGN_OR_RETURN(FileChunk chunk, Read());
      if (chunk.list.devices_size() == 0) {
        message.mutable_end()->set_last_sequence(chunk.sequence - 1);
        writer.Write(message);
        return absl::OkStatus();
      }
      auto& out = *message.mutable_chunk();
      out.set_sequence(chunk.sequence);
      out.set_devices(chunk.list.SerializeAsString());
      out.set_crc32c(signing::Crc32c(out.devices()));
      lines_[chunk.sequence] = std::move(chunk.lines);
      taken = writer.Write(message);
    }
    return absl::OkStatus();
  }

  // OK when it is worth another try, after a pause and a look at how far the
  // import has come.
  absl::Status Recover(const absl::Status& status, int idle) {
    const bool passes = absl::IsUnavailable(status) ||
                        absl::IsAborted(status) ||
                        absl::IsResourceExhausted(status) ||
                        absl::IsDeadlineExceeded(status) || is_overtaken_;
    if (!passes) {
      return GivenUp(status);
    }
    absl::SleepFor(absl::Seconds(1 << idle));
    if (auto found = Find(import_id_); found.ok()) {
      progress_ = *std::move(found);
    }
    return absl::OkStatus();
  }

  absl::Status GivenUp(const absl::Status& status) {
    EndProgress();
    return status.ok()
               ? absl::InternalError("the service takes no more of the import")
               : absl::Status(status.code(),
                              absl::StrCat(std::string(status.message()),
                                           "; import ", import_id_,
                                           " goes on when it is begun again"));
  }

  // A service tells of a device that it refused once (ADR 0018).
  void TellUntold() {
    const int64_t untold = progress_.failed() - told_refused_;
    if (untold > 0) {
      terminal_.err << Counted(untold, "refused device was",
                               "refused devices were")
                    << " told to a call that broke off; import the file again "
                       "with --on-conflict skip to see what is refused\n";
    }
  }

  int64_t Taken() const {
    return progress_.created() + progress_.skipped() + progress_.updated();
  }

  void ShowProgress() {
    if (terminal_.progress) {
      constexpr int kWidth = 30;
      const int full = static_cast<int>(kWidth * file_.Share());
      terminal_.err << "\r\033[K[" << std::string(full, '#')
                    << std::string(kWidth - full, ' ') << "] imported "
                    << Taken() << ", refused " << progress_.failed() + rejected_
                    << std::flush;
    }
  }

  void EndProgress() {
    if (terminal_.progress) {
      terminal_.err << '\n';
    }
  }

  const std::unique_ptr<masa::v1::DeviceService::Stub> stub_;
  const std::string path_;
  DeviceFile& file_;
  const ImportDevicesRequest::OnConflict on_conflict_;
  Terminal terminal_;
  std::string import_id_;
  ImportProgress progress_;
  // What a killed client had sent was still being taken as this one began.
  bool is_overtaken_ = false;
  std::map<uint64_t, std::vector<int>> lines_;  // of the stream's chunks
  uint64_t told_ = 0;  // up to this chunk, rejected lines were told
  int64_t rejected_ = 0;
  int64_t told_refused_ = 0;  // by the service, in answers that came
  int64_t in_transfer_ = 0;
};

int ExitStatusOf(const ImportProgress& progress) {
  const int64_t taken =
      progress.created() + progress.skipped() + progress.updated();
  return progress.failed() == 0 ? 0 : taken == 0 ? 1 : 2;
}

}  // namespace

absl::StatusOr<int> ImportDevices(const CommonOptions& options,
                                  const ImportArguments& arguments,
                                  Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto file, DeviceFile::Open(arguments.file));
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  Importer importer(channel, arguments.file, *file,
                    ConflictNamed(arguments.on_conflict), terminal);
  std::string import_id = arguments.import_id;
  if (import_id.empty()) {
    MASA_ASSIGN_OR_RETURN(import_id, importer.Identify(arguments.on_conflict));
  }
  MASA_ASSIGN_OR_RETURN(const ImportProgress total, importer.Run(import_id));
  if (options.json) {
    terminal.out << JsonOf(total) << '\n';
  } else {
    terminal.out << CountsOf(total) << '\n';
  }
  return ExitStatusOf(total);
}

}  // namespace masa::masactl
