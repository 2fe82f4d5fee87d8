#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/executor/mutex.h"
#include "services/masactl/interrupt.h"
#include "services/masactl/ownership_commands.h"
#include "services/rpc/channel.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::WatchOwnershipChangesResponse;

constexpr int kMostTries = 6;

std::string LineOf(const masa::v1::OwnershipChange& change) {
  const absl::Time at = absl::FromUnixSeconds(change.at().seconds()) +
                        absl::Nanoseconds(change.at().nanos());
  const std::string kind = masa::v1::OwnershipChange::Kind_Name(change.kind());
  return absl::StrCat(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()), "  ",
      absl::AsciiStrToLower(kind.substr(std::string("KIND_").size())), "  ",
      change.serial_number(), "  version ", change.version(),
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
    int tries = 0;
    while (true) {
      heard_ = false;
      const absl::Status status = Stream(*stub);
      tries = heard_ ? 0 : tries + 1;
      if (IsStopped()) {
        return absl::OkStatus();
      }
      // A server that goes cancels what it has not ended in time.
      const bool passes =
          absl::IsUnavailable(status) || absl::IsCancelled(status);
      if (!passes || tries >= kMostTries) {
        return status;
      }
      Pause(std::chrono::seconds(1 << tries));
    }
  }

  // From any thread.
  void Stop() {
    MutexLock lock(mutex_);
    stopped_ = true;
    if (call_ != nullptr) {
      call_->TryCancel();
    }
    changed_.NotifyAll();
  }

 private:
  bool IsStopped() {
    MutexLock lock(mutex_);
    return stopped_;
  }

  void Pause(std::chrono::seconds longest) {
    MutexLock lock(mutex_);
    if (!stopped_) {
      (void)changed_.WaitFor(mutex_, longest);
    }
  }

  // The call that Stop cancels; none: nothing to cancel.
  void SetCall(grpc::ClientContext* call) {
    MutexLock lock(mutex_);
    call_ = call;
    if (stopped_ && call != nullptr) {
      call->TryCancel();
    }
  }

  absl::Status Stream(masa::v1::OwnershipService::Stub& stub) {
    grpc::ClientContext call;
    rpc::Carry({"", "", absl::InfiniteFuture()}, &call);
    SetCall(&call);
    const auto reader = stub.WatchOwnershipChanges(&call, request_);
    WatchOwnershipChangesResponse message;
    while (terminal_.out.good() && reader->Read(&message)) {
      heard_ = true;
      Tell(message);
      request_.set_resume_token(message.resume_token());
    }
    if (!terminal_.out.good()) {
      call.TryCancel();
    }
    const absl::Status status = StatusOf(reader->Finish());
    SetCall(nullptr);
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
  bool heard_ = false;  // something of this stream
  Mutex mutex_;
  Condition changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
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
