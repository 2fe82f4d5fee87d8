#include "services/authority/voucher_job_wait.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "grpcpp/alarm.h"
#include "services/authority/voucher_job_calls.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(300);

// Lives as long as a look or a pause of it is under way.
class Waiting : public std::enable_shared_from_this<Waiting> {
 public:
  Waiting(JobWait wait, Executor& executor, const std::atomic<bool>& draining)
      : wait_(std::move(wait)), executor_(executor), draining_(draining) {}

  void Begin(const RequestContext& context, const identity::Principal& caller,
             rpc::Finish finish) {
    context_ = context;
    caller_ = caller;
    finish_ = std::move(finish);
    const auto end = WaitEndOf(wait_.timeout, absl::Now(), context.deadline);
    if (!end.ok()) {
      finish_(end.status());
      return;
    }
    end_ = *end;
    Look();
  }

 private:
  void Look() {
    if (!executor_.TrySubmit(
            [self = shared_from_this()] { self->LookNow(); })) {
      finish_(
          Refuse(Reason::kOverloaded, "the service has too much to do; retry"));
    }
  }

  void LookNow() {
    if (wait_.call->IsCancelled()) {
      finish_(absl::CancelledError("the client left"));
      return;
    }
    const absl::StatusOr<bool> has_ended = wait_.look(context_, caller_);
    const absl::Time now = absl::Now();
    if (has_ended.ok() && !*has_ended && now < end_ && !draining_) {
      // An alarm keeps what it called; this would be its own keeper.
      alarm_ = std::make_unique<grpc::Alarm>();
      alarm_->Set(absl::ToChronoTime(std::min(now + kPause, end_)),
                  [self = shared_from_this()](bool) mutable {
                    std::exchange(self, nullptr)->Look();
                  });
      return;
    }
    finish_(has_ended.status());
  }

  const JobWait wait_;
  Executor& executor_;
  const std::atomic<bool>& draining_;
  // Written before the first look.
  RequestContext context_;
  identity::Principal caller_;
  rpc::Finish finish_;
  absl::Time end_;
  std::unique_ptr<grpc::Alarm> alarm_;
};

}  // namespace

grpc::ServerUnaryReactor* ServeWait(JobWait wait, const rpc::Serving& serving,
                                    const std::atomic<bool>& draining) {
  grpc::CallbackServerContext* call = wait.call;
  const std::string service = wait.service;
  const auto waiting =
      std::make_shared<Waiting>(std::move(wait), serving.executor, draining);
  return rpc::StartUnary(
      call, serving, service,
      [waiting](const RequestContext& context,
                const identity::Principal& caller, rpc::Finish finish) {
        waiting->Begin(context, caller, std::move(finish));
      });
}

}  // namespace masa::authority
