#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/audit_commands.h"
#include "services/masactl/audit_stream.h"
#include "services/masactl/interrupt.h"
#include "services/masactl/out_place.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::AuditEvent;
using masa::v1::StreamAuditEventsResponse;

// How many whole lines the file has; none where it is not there. What was
// behind them, of an export that broke off, is cut away.
absl::StatusOr<uint64_t> KeepWholeLines(const std::string& path) {
  constexpr size_t kPiece = 1 << 20;
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) {
    return uint64_t{0};
  }
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
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file cannot be read: ", path));
  }
  std::filesystem::resize_file(path, whole, error);
  return error ? absl::StatusOr<uint64_t>(absl::InvalidArgumentError(
                     absl::StrCat("the file cannot be written: ", path)))
               : lines;
}

// Whole, in the place of an older one, or not at all.
absl::Status WriteWhole(const std::string& out, const std::string& octets) {
  MASA_ASSIGN_OR_RETURN(const std::string path, PlaceOf(out));
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << octets;
  file.close();
  return file.good() && std::rename(part.c_str(), path.c_str()) == 0
             ? absl::OkStatus()
             : absl::InvalidArgumentError(
                   absl::StrCat("the file cannot be written: ", path));
}

absl::Status CheckIsWhole(bool is_written, uint64_t count, uint64_t size,
                          const std::string& path) {
  if (!is_written) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the file cannot be written: ", path,
        "; with room for it, the same command goes on where it is"));
  }
  return count == size ? absl::OkStatus()
                       : absl::InvalidArgumentError(absl::StrCat(
                             "only ", count, " of ", size, " events are in ",
                             path, "; who may see them all is an operator"));
}

}  // namespace

absl::Status StreamAudit(
    const CommonOptions& options, LastingCall& call, uint64_t from, bool follow,
    const std::function<bool(const StreamAuditEventsResponse&)>& hear) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = masa::v1::AuditService::NewStub(channel);
  masa::v1::StreamAuditEventsRequest request;
  request.set_from(from);
  request.set_follow(follow);
  return call.Run([&](grpc::ClientContext& context, bool& heard) {
    const auto reader = stub->StreamAuditEvents(&context, request);
    StreamAuditEventsResponse message;
    bool wants_more = true;
    while (wants_more && reader->Read(&message)) {
      heard = true;
      wants_more = hear(message);
      request.set_from(message.next());
    }
    if (!wants_more) {
      context.TryCancel();
    }
    const grpc::Status status = reader->Finish();
    return wants_more ? StatusOf(status) : absl::OkStatus();
  });
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
  LastingCall call;
  const Interrupt interrupt([&call] { call.Stop(); });
  MASA_RETURN_IF_ERROR(StreamAudit(
      options, call, arguments.from, !arguments.until_now,
      [&](const StreamAuditEventsResponse& message) {
        for (const AuditEvent& event : message.events()) {
          terminal.out << (options.json ? JsonLineOf(event) : LineOf(event))
                       << '\n';
        }
        terminal.out.flush();
        return terminal.out.good();
      }));
  return 0;
}

absl::StatusOr<int> ExportAudit(const CommonOptions& options,
                                const AuditArguments& arguments,
                                Terminal terminal) {
  std::error_code error;
  std::filesystem::create_directories(arguments.folder, error);
  const std::string path = absl::StrCat(arguments.folder, "/", kEventsFile);
  MASA_ASSIGN_OR_RETURN(const uint64_t before, KeepWholeLines(path));
  std::ofstream file(path, std::ios::binary | std::ios::app);
  // First: the stream that follows has all that it covers.
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<masa::v1::AuditService>(options,
                                   &masa::v1::AuditService::Stub::GetCheckpoint,
                                   masa::v1::GetCheckpointRequest())));
  const masa::v1::Checkpoint& checkpoint = response.checkpoint();
  uint64_t count = before;
  LastingCall call;
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
  MASA_RETURN_IF_ERROR(
      CheckIsWhole(file.good(), count, checkpoint.size(), path));
  // Last: whoever reads it finds all that it covers.
  MASA_RETURN_IF_ERROR(WriteWhole(absl::StrCat(arguments.folder, "/checkpoint"),
                                  checkpoint.signed_note()));
  return Tell(options, terminal, checkpoint,
              absl::StrCat(count, " events are in ", path, ", ", count - before,
                           " of them new"));
}

}  // namespace masa::masactl
