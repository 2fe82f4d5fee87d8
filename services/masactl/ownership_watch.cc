#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/interrupt.h"
#include "services/masactl/lasting_call.h"
#include "services/masactl/ownership_commands.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::WatchOwnershipChangesResponse;

std::string LineOf(const masa::v1::OwnershipChange& change) {
  const absl::Time at = absl::FromUnixSeconds(change.at().seconds()) +
                        absl::Nanoseconds(change.at().nanos());
  const std::string kind = masa::v1::OwnershipChange::Kind_Name(change.kind());
  return absl::StrCat(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()), "  ",
      absl::AsciiStrToLower(kind.substr(std::string("KIND_").size())), "  ",
      Shown(change.serial_number()), "  version ", change.version(),
      change.idevid_issuer_ski().empty()
          ? ""
          : absl::StrCat("  issuer ",
                         absl::BytesToHexString(change.idevid_issuer_ski())));
}

class Watcher {
 public:
  Watcher(const CommonOptions& options, const std::string& from,
          Terminal terminal)
      : options_(options), terminal_(terminal) {
    request_.set_resume_token(from);
  }

  absl::Status Run() {
    MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options_));
    const auto stub = masa::v1::OwnershipService::NewStub(channel);
    return call_.Run([&](grpc::ClientContext& call, bool& heard) {
      return Stream(*stub, call, heard);
    });
  }

  // From any thread.
  void Stop() { call_.Stop(); }

 private:
  absl::Status Stream(masa::v1::OwnershipService::Stub& stub,
                      grpc::ClientContext& call, bool& heard) {
    const auto reader = stub.WatchOwnershipChanges(&call, request_);
    WatchOwnershipChangesResponse message;
    while (terminal_.out.good() && reader->Read(&message)) {
      heard = true;
      Tell(message);
      request_.set_resume_token(message.resume_token());
    }
    if (!terminal_.out.good()) {
      call.TryCancel();
    }
    const absl::Status status = StatusOf(reader->Finish());
    return terminal_.out.good()
               ? status
               : absl::InternalError("the output cannot be written");
  }

  // A sign of life says nothing new to a person, unless its token is.
  void Tell(const WatchOwnershipChangesResponse& message) {
    if (options_.json) {
      terminal_.out << JsonOf(message) << std::endl;
      return;
    }
    for (const masa::v1::OwnershipChange& change : message.changes()) {
      terminal_.out << LineOf(change) << '\n';
    }
    if (message.resume_token() != request_.resume_token()) {
      terminal_.out << "token: " << message.resume_token() << std::endl;
    }
  }

  const CommonOptions options_;
  Terminal terminal_;
  masa::v1::WatchOwnershipChangesRequest request_;
  LastingCall call_;
};

}  // namespace

absl::StatusOr<int> WatchOwnership(const CommonOptions& options,
                                   const OwnershipArguments& arguments,
                                   Terminal terminal) {
  Watcher watcher(options, arguments.from, terminal);
  const Interrupt interrupt([&watcher] { watcher.Stop(); });
  MASA_RETURN_IF_ERROR(watcher.Run());
  return 0;
}

}  // namespace masa::masactl
