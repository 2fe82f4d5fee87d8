#include "services/authority/audit_stream.h"

#include <grpcpp/alarm.h>

#include <chrono>

#include "absl/time/clock.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/authority/audit_calls.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {

using identity::Principal;
using masa::v1::StreamAuditEventsResponse;

namespace {

constexpr auto kPause = std::chrono::milliseconds(500);
constexpr absl::Duration kHeartbeat = absl::Seconds(15);
// After which a follower comes again, so that replicas share them.
constexpr absl::Duration kLongest = absl::Hours(1);
constexpr int kMostFollowers = 100;

}  // namespace

// Is at each time in one of three hands: a task of the executor's, a write of
// gRPC's, or the alarm's.
class AuditStream final
    : public grpc::ServerWriteReactor<StreamAuditEventsResponse> {
 public:
  // Deletes itself when the stream is done.
  AuditStream(grpc::CallbackServerContext* context, const rpc::Serving& serving,
              issuance::AuditDesk& desk, AuditStreams& streams,
              const masa::v1::StreamAuditEventsRequest& request)
      : serving_(serving),
        desk_(desk),
        streams_(streams),
        follow_(request.follow()),
        shown_(rpc::CredentialsOf(*context, serving.gate)),
        context_(rpc::ContextOf(*context)),
        end_(context, serving.gate, masa::v1::AuditService::service_full_name(),
             context_),
        begun_(absl::Now()),
        heard_(begun_),
        next_(request.from()) {
    if (follow_ && ++streams_.followers_ > kMostFollowers) {
      End(Refuse(Reason::kOverloaded,
                 "too many follow the audit log; try another replica"));
    } else {
      Submit();
    }
  }

  void OnWriteDone(bool ok) override {
    ok ? Submit() : End(absl::CancelledError("the client left"));
  }

  void OnCancel() override { cancelled_ = true; }

  void OnDone() override {
    if (follow_) {
      --streams_.followers_;
    }
    delete this;
  }

 private:
  void End(const absl::Status& status) { Finish(end_.Tell(status)); }

  void Submit() {
    if (!serving_.executor.TrySubmit([this] { Step(); })) {
      End(Refuse(Reason::kOverloaded, "the service has too much to do; retry"));
    }
  }

  // A token may end before the stream does, so it is shown for each read.
  absl::StatusOr<issuance::EventRun> Read() {
    if (cancelled_) {
      return absl::CancelledError("the client left");
    }
    if (follow_ && (streams_.draining_ || absl::Now() - begun_ > kLongest)) {
      return Refuse(Reason::kDraining, "come again, to another replica maybe");
    }
    MASA_ASSIGN_OR_RETURN(
        const Principal caller,
        serving_.gate.Admit(masa::v1::AuditService::service_full_name(),
                            shown_));
    RequestContext context = context_;
    if (follow_) {
      context.deadline = absl::Now() + absl::Seconds(20);
    }
    if (!has_begun_) {
      MASA_RETURN_IF_ERROR(desk_.Begin(context, caller));
      has_begun_ = true;
    }
    return desk_.Read(context, caller, next_);
  }

  void Step() {
    const absl::StatusOr<issuance::EventRun> run = Read();
    if (!run.ok()) {
      End(run.status());
      return;
    }
    const bool is_silent =
        run->events.empty() && absl::Now() - heard_ < kHeartbeat;
    next_ = run->next;
    if (run->is_end && !follow_) {
      End(absl::OkStatus());
    } else if (run->is_end && is_silent) {
      Rest();
    } else if (run->events.empty() && is_silent) {
      Submit();  // nothing here that the caller may see
    } else {
      Write(*run);
    }
  }

  void Write(const issuance::EventRun& run) {
    message_.Clear();
    for (const issuance::ListedEvent& listed : run.events) {
      *message_.add_events() = MessageOf(listed);
    }
    message_.set_next(run.next);
    heard_ = absl::Now();
    StartWrite(&message_);
  }

  void Rest() {
    alarm_.Set(std::chrono::system_clock::now() + kPause,
               [this](bool) { Submit(); });
  }

  const rpc::Serving serving_;
  issuance::AuditDesk& desk_;
  AuditStreams& streams_;
  const bool follow_;
  const rpc::Credentials shown_;
  const RequestContext context_;
  const rpc::CallEnd end_;
  const absl::Time begun_;
  absl::Time heard_;  // when the last message went out
  bool has_begun_ = false;
  uint64_t next_;
  std::atomic<bool> cancelled_{false};
  StreamAuditEventsResponse message_;
  grpc::Alarm alarm_;
};

grpc::ServerWriteReactor<StreamAuditEventsResponse>* AuditStreams::Serve(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::AuditDesk& desk,
    const masa::v1::StreamAuditEventsRequest& request) {
  return new AuditStream(context, serving, desk, *this, request);
}

}  // namespace masa::authority
