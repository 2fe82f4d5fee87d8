#include "services/authority/ownership_watch.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/authority/convert.h"
#include "services/authority/resume_token.h"
#include "services/executor/mutex.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;
using masa::v1::WatchOwnershipChangesResponse;

masa::v1::OwnershipChange MessageOf(const issuance::WatchedChange& watched) {
  masa::v1::OwnershipChange message;
  message.set_device_id(watched.change.device_id);
  message.set_serial_number(watched.change.serial_number);
  message.set_idevid_issuer_ski(watched.change.idevid_issuer.value_or(""));
  message.set_version(watched.change.version);
  message.set_kind(
      static_cast<masa::v1::OwnershipChange::Kind>(watched.change.kind));
  *message.mutable_at() = TimestampOf(watched.at);
  return message;
}

// Is at each time in one of three hands: a task of the executor's, a write of
// gRPC's, or the desk's, which wakes it. Only a cancellation comes beside.
class WatchStream final
    : public grpc::ServerWriteReactor<WatchOwnershipChangesResponse> {
 public:
  // Deletes itself when the stream is done.
  WatchStream(grpc::CallbackServerContext* context, const rpc::Serving& serving,
              issuance::WatchDesk& desk,
              const masa::v1::WatchOwnershipChangesRequest& request)
      : serving_(serving),
        desk_(desk),
        resume_token_(request.resume_token()),
        shown_(rpc::CredentialsOf(*context, serving.gate)),
        context_(rpc::ContextOf(*context)),
        end_(context, serving.gate,
             masa::v1::OwnershipService::service_full_name(), context_) {
    if (!serving_.executor.TrySubmit([this] { Begin(); })) {
      End(Refuse(Reason::kOverloaded, "the service has too much to do; retry"));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      End(absl::CancelledError("the client left"));
    } else if (!Submit()) {
      Rest();
    }
  }

  void OnCancel() override {
    MutexLock lock(mutex_);
    cancelled_ = true;
    // Else whoever has the stream in hand ends it.
    if (watch_ != nullptr && watch_->Forget()) {
      End(absl::CancelledError("the client left"));
    }
  }

  void OnDone() override { delete this; }

 private:
  void End(const absl::Status& status) { Finish(end_.Tell(status)); }

  bool Submit() {
    return serving_.executor.TrySubmit([this] { Step(); });
  }

  void Begin() {
    const absl::Status begun = Open();
    begun.ok() ? Step() : End(begun);
  }

  absl::Status Open() {
    MASA_ASSIGN_OR_RETURN(caller_, Admit());
    MASA_ASSIGN_OR_RETURN(const auto place,
                          PlaceOfToken(caller_, resume_token_));
    MASA_ASSIGN_OR_RETURN(auto watch, desk_.Watch(context_, caller_, place));
    MutexLock lock(mutex_);
    watch_ = std::move(watch);
    return absl::OkStatus();
  }

  absl::StatusOr<Principal> Admit() const {
    return serving_.gate.Admit(masa::v1::OwnershipService::service_full_name(),
                               shown_);
  }

  bool IsCancelled() {
    MutexLock lock(mutex_);
    return cancelled_;
  }

  // A token may end before the stream does, so it is shown for each message.
  absl::StatusOr<std::optional<issuance::WatchNews>> Ask() {
    if (IsCancelled()) {
      return absl::CancelledError("the client left");
    }
    MASA_RETURN_IF_ERROR(Admit().status());
    return watch_->Next(context_);
  }

  void Step() {
    const auto news = Ask();
    if (!news.ok()) {
      End(news.status());
    } else if (*news) {
      Write(**news);
    } else {
      Rest();
    }
  }

  void Write(const issuance::WatchNews& news) {
    message_.Clear();
    for (const issuance::WatchedChange& change : news.changes) {
      *message_.add_changes() = MessageOf(change);
    }
    message_.set_resume_token(ResumeTokenOf(caller_, news.place));
    StartWrite(&message_);
  }

  // Once the desk has the wake, the stream may be gone before this returns.
  void Rest() {
    if (!watch_->WhenReady([this] { return Submit(); })) {
      End(absl::CancelledError("the client left"));
    }
  }

  const rpc::Serving serving_;
  issuance::WatchDesk& desk_;
  const std::string resume_token_;
  const rpc::Credentials shown_;
  const RequestContext context_;
  const rpc::CallEnd end_;
  // Written before the first step.
  Principal caller_;
  std::unique_ptr<issuance::OwnershipWatch> watch_;
  WatchOwnershipChangesResponse message_;
  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerWriteReactor<WatchOwnershipChangesResponse>* WatchChanges(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::WatchDesk& desk,
    const masa::v1::WatchOwnershipChangesRequest& request) {
  return new WatchStream(context, serving, desk, request);
}

}  // namespace masa::authority
