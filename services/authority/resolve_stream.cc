#include "services/authority/resolve_stream.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/authority/ownership_calls.h"
#include "services/executor/mutex.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using Request = masa::v1::StreamResolveOwnershipRequest;
using Response = masa::v1::StreamResolveOwnershipResponse;

constexpr size_t kMostOnTheirWay = 64;
constexpr size_t kLongestCorrelationId = 128;

absl::StatusOr<issuance::OwnershipQuestion> Read(const Request& request) {
  if (request.correlation_id().size() > kLongestCorrelationId) {
    return AtField(Refuse(Reason::kInvalidArgument, "has at most 128 octets"),
                   "correlation_id");
  }
  return QuestionOf(request.request(), "request.");
}

class ResolveStream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  ResolveStream(grpc::CallbackServerContext* context,
                const rpc::Serving& serving, issuance::ResolveDesk& desk)
      : gate_(serving.gate), desk_(desk), context_(rpc::ContextOf(*context)) {
    rpc::Credentials shown = rpc::CredentialsOf(*context, serving.gate);
    if (shown.tokens.empty()) {
      Begin(shown);
    } else if (!serving.executor.TrySubmit(
                   [this, shown = std::move(shown)] { Begin(shown); })) {
      Finish(rpc::ToGrpc(Refuse(Reason::kOverloaded,
                                "the service has too much to do; retry")));
    }
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      Ask();
    }
    Next next;
    {
      MutexLock lock(mutex_);
      reading_ = false;
      no_more_ = no_more_ || !ok;
      next = Decide();
    }
    Do(next);
  }

  void OnWriteDone(bool ok) override {
    Next next;
    {
      MutexLock lock(mutex_);
      writing_ = false;
      answers_.pop_front();
      --on_their_way_;
      if (!ok) {
        // Nobody hears what else is answered.
        gone_ = true;
        on_their_way_ -= answers_.size();
        answers_.clear();
      }
      next = Decide();
    }
    Do(next);
  }

  void OnDone() override { delete this; }

 private:
  // What a change lets happen. Done without the lock, because gRPC may react
  // within the call.
  struct Next {
    bool read = false;
    Response* write = nullptr;
    bool more_to_write = false;
    bool finish = false;
  };

  void Begin(const rpc::Credentials& shown) {
    auto caller =
        gate_.Admit(masa::v1::OwnershipService::service_full_name(), shown);
    if (!caller.ok()) {
      Finish(rpc::ToGrpc(caller.status()));
      return;
    }
    caller_ = *std::move(caller);
    StartRead(&request_);
  }

  // Hands on what was read. `reading_` stays set meanwhile, so that the stream
  // does not end under it.
  void Ask() {
    {
      MutexLock lock(mutex_);
      ++on_their_way_;
    }
    auto question = Read(request_);
    const bool want_cert = request_.request().want_pinned_cert();
    std::string id = request_.correlation_id();
    if (!question.ok()) {
      Answer(id.size() > kLongestCorrelationId ? "" : id, want_cert,
             question.status());
      return;
    }
    std::vector<issuance::PendingResolve> calls;
    calls.push_back({context_, caller_, *std::move(question),
                     [this, want_cert, id = std::move(id)](
                         const absl::StatusOr<issuance::Ownership>& answer) {
                       Answer(id, want_cert, answer);
                     }});
    desk_.Resolve(std::move(calls));
  }

  void Answer(const std::string& correlation_id, bool want_pinned_cert,
              const absl::StatusOr<issuance::Ownership>& answer) {
    Response response;
    response.set_correlation_id(correlation_id);
    SetStatus(answer.status(), response.mutable_status());
    if (answer.ok()) {
      Fill(*answer, want_pinned_cert, response.mutable_value());
    }
    Next next;
    {
      MutexLock lock(mutex_);
      if (gone_) {
        --on_their_way_;
      } else {
        answers_.push_back(std::move(response));
      }
      next = Decide();
    }
    Do(next);
  }

  Next Decide() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Next next;
    if (!writing_ && !answers_.empty()) {
      writing_ = true;
      next.write = &answers_.front();
      next.more_to_write = answers_.size() > 1;
    }
    const bool ends = no_more_ || gone_;
    if (!reading_ && !ends && on_their_way_ < kMostOnTheirWay) {
      reading_ = true;
      next.read = true;
    }
    if (ends && !reading_ && !writing_ && on_their_way_ == 0 && !finished_) {
      finished_ = true;
      next.finish = true;
    }
    return next;
  }

  void Do(const Next& next) {
    if (next.write != nullptr) {
      // Several answers share a turn of the socket.
      next.more_to_write
          ? StartWrite(next.write, grpc::WriteOptions().set_buffer_hint())
          : StartWrite(next.write);
    }
    if (next.read) {
      StartRead(&request_);
    }
    if (next.finish) {
      Finish(grpc::Status::OK);
    }
  }

  const rpc::Gate& gate_;
  issuance::ResolveDesk& desk_;
  const RequestContext context_;
  identity::Principal caller_;
  Request request_;  // while reading_, the reader's

  Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool no_more_ ABSL_GUARDED_BY(mutex_) = false;  // questions
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;     // the client is
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  size_t on_their_way_ ABSL_GUARDED_BY(mutex_) = 0;
  // The first one is being written while writing_.
  std::deque<Response> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

grpc::ServerBidiReactor<Request, Response>* ServeResolveStream(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::ResolveDesk& desk) {
  return new ResolveStream(context, serving, desk);
}

}  // namespace masa::authority
