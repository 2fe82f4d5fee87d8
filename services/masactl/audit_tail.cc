#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/executor/mutex.h"
#include "services/masactl/ask.h"
#include "services/masactl/audit_commands.h"
#include "services/masactl/audit_stream.h"
#include "services/masactl/interrupt.h"
#include "services/rpc/channel.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::AuditEvent;
using masa::v1::StreamAuditEventsResponse;

// The call that Ctrl-C ends.
class Tail {
 public:
  // From any thread.
  void Stop() {
    MutexLock lock(mutex_);
    stopped_ = true;
    call_.TryCancel();
  }
  bool IsStopped() {
    MutexLock lock(mutex_);
    return stopped_;
  }
  grpc::ClientContext& call() { return call_; }

 private:
  Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext call_;
};

// How many whole lines the file has. What was behind them, of an export that
// broke off, is cut away.
uint64_t KeepWholeLines(const std::string& path) {
  constexpr size_t kPiece = 1 << 20;
  std::ifstream file(path, std::ios::binary);
  std::string piece(kPiece, '\0');
  uint64_t lines = 0;
  uint64_t whole = 0;
  for (uint64_t at = 0; file; at += static_cast<uint64_t>(file.gcount())) {
    file.read(piece.data(), kPiece);
    for (std::streamsize i = 0; i < file.gcount(); ++i) {
      if (piece[static_cast<size_t>(i)] == '\n') {
        ++lines;
        whole = at + static_cast<uint64_t>(i) + 1;
      }
    }
  }
  std::error_code error;  // of a file that is not there
  std::filesystem::resize_file(path, whole, error);
  return lines;
}

}  // namespace

absl::Status StreamAudit(
    const CommonOptions& options, grpc::ClientContext& call, uint64_t from,
    bool follow,
    const std::function<bool(const StreamAuditEventsResponse&)>& hear) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = masa::v1::AuditService::NewStub(channel);
  rpc::Carry({"", "", absl::InfiniteFuture()}, &call);
  masa::v1::StreamAuditEventsRequest request;
  request.set_from(from);
  request.set_follow(follow);
  const auto reader = stub->StreamAuditEvents(&call, request);
  StreamAuditEventsResponse message;
  bool wants_more = true;
  while (wants_more && reader->Read(&message)) {
    wants_more = hear(message);
  }
  if (!wants_more) {
    call.TryCancel();
  }
  const grpc::Status status = reader->Finish();
  return wants_more ? StatusOf(status) : absl::OkStatus();
}

std::string JsonLineOf(const AuditEvent& event) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string json;
  // Cannot fail: the message came over the wire.
  (void)google::protobuf::util::MessageToJsonString(event, &json, print);
  return json;
}

absl::StatusOr<int> TailAudit(const CommonOptions& options,
                              const AuditArguments& arguments,
                              Terminal terminal) {
  Tail tail;
  const Interrupt interrupt([&tail] { tail.Stop(); });
  const absl::Status status = StreamAudit(
      options, tail.call(), arguments.from, !arguments.until_now,
      [&](const StreamAuditEventsResponse& message) {
        for (const AuditEvent& event : message.events()) {
          terminal.out << (options.json ? JsonLineOf(event) : LineOf(event))
                       << '\n';
        }
        terminal.out.flush();
        return terminal.out.good();
      });
  return status.ok() || tail.IsStopped() ? absl::StatusOr<int>(0) : status;
}

absl::StatusOr<int> ExportAudit(const CommonOptions& options,
                                const AuditArguments& arguments,
                                Terminal terminal) {
  std::error_code error;
  std::filesystem::create_directories(arguments.folder, error);
  const std::string path = absl::StrCat(arguments.folder, "/", kEventsFile);
  const uint64_t before = KeepWholeLines(path);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  // First: the stream that follows has all that it covers.
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<masa::v1::AuditService>(options,
                                   &masa::v1::AuditService::Stub::GetCheckpoint,
                                   masa::v1::GetCheckpointRequest())));
  const masa::v1::Checkpoint& checkpoint = response.checkpoint();
  std::ofstream(absl::StrCat(arguments.folder, "/checkpoint"), std::ios::binary)
      << checkpoint.signed_note();
  uint64_t count = before;
  grpc::ClientContext call;
  MASA_RETURN_IF_ERROR(
      StreamAudit(options, call, before, false,
                  [&](const StreamAuditEventsResponse& message) {
                    for (const AuditEvent& event : message.events()) {
                      if (count < checkpoint.size()) {
                        file << JsonLineOf(event) << '\n';
                        ++count;
                      }
                    }
                    return file.good() && count < checkpoint.size();
                  }));
  file.close();
  if (!file || count < checkpoint.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "only ", count, " of ", checkpoint.size(), " events are in ", path,
        "; who may see them all is an operator"));
  }
  return Tell(options, terminal, checkpoint,
              absl::StrCat(count, " events are in ", path, ", ", count - before,
                           " of them new"));
}

}  // namespace masa::masactl
