// A stream in both directions on which every item is answered when its answer
// is there, in any order. A bounded number of a stream's items is on its way,
// so a client is as fast as it reads. Whoever half-closes gets all answers;
// whoever leaves gets none, and what was handed on goes its way. A token may
// end before the stream does, so it is shown to the gate again now and then.
#ifndef SERVICES_RPC_ANSWER_STREAM_H_
#define SERVICES_RPC_ANSWER_STREAM_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/rpc/item_faults.h"
#include "services/rpc/serve_unary.h"

namespace masa::rpc {

// Answers one item: `answer` is called exactly once, now or later, from any
// thread. Does not block; `request` is gone when it returns, `faults` when all
// is answered.
template <typename Request, typename Response>
using AnswerItem = std::function<void(const RequestContext& context,
                                      const identity::Principal& caller,
                                      Request& request, ItemFaults& faults,
                                      std::function<void(Response)> answer)>;

// For so long a stream's items are the caller's whom the gate admitted.
inline constexpr std::chrono::seconds kAdmittedFor{10};

template <typename Request, typename Response>
class AnswerStream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  // Deletes itself when the stream is done and everything is answered, also to
  // a client that is gone.
  AnswerStream(grpc::CallbackServerContext* context, const Serving& serving,
               std::string service, size_t most_on_their_way,
               AnswerItem<Request, Response> answer_item,
               std::chrono::seconds admitted_for = kAdmittedFor)
      : serving_(serving),
        service_(std::move(service)),
        most_on_their_way_(most_on_their_way),
        answer_item_(std::move(answer_item)),
        admitted_for_(admitted_for),
        shown_(CredentialsOf(*context, serving.gate)),
        context_(ContextOf(*context)),
        end_(context, serving.gate, service_, context_),
        faults_(serving.gate, service_, context_) {
    Admit([this](const absl::Status& admitted) {
      admitted.ok() ? this->StartRead(&request_)
                    : this->Finish(end_.Tell(admitted));
    });
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Took(/*more=*/false);
    } else if (Clock::now() < admitted_until_) {
      Ask();
      Took(/*more=*/true);
    } else {
      Admit([this](const absl::Status& admitted) {
        admitted.ok() ? Ask() : EndWith(admitted);
        Took(/*more=*/admitted.ok());
      });
    }
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
  using Clock = std::chrono::steady_clock;

  // What a change lets happen. Done without the lock, because gRPC may react
  // within the call.
  struct Next {
    bool read = false;
    Response* write = nullptr;
    bool more_to_write = false;
    std::optional<absl::Status> finish;
  };

  // Calls `then` with what the gate says: on the executor where a token is
  // shown, since that may block.
  void Admit(std::function<void(const absl::Status& admitted)> then) {
    if (shown_.tokens.empty()) {
      then(AdmitNow());
    } else if (!serving_.executor.TrySubmit(
                   [this, then] { then(AdmitNow()); })) {
      then(
          Refuse(Reason::kOverloaded, "the service has too much to do; retry"));
    }
  }

  absl::Status AdmitNow() {
    auto caller = serving_.gate.Admit(service_, shown_);
    if (caller.ok()) {
      caller_ = *std::move(caller);
      admitted_until_ = Clock::now() + admitted_for_;
    }
    return caller.status();
  }

  // Hands on what was read. `reading_` stays set meanwhile, so that the stream
  // does not end under it.
  void Ask() {
    {
      MutexLock lock(mutex_);
      ++on_their_way_;
    }
    answer_item_(context_, caller_, request_, faults_,
                 [this](Response response) { Answer(std::move(response)); });
  }

  // What was handed on is answered before.
  void EndWith(const absl::Status& refusal) {
    MutexLock lock(mutex_);
    ending_ = refusal;
  }

  void Took(bool more) {
    Next next;
    {
      MutexLock lock(mutex_);
      reading_ = false;
      no_more_ = no_more_ || !more;
      next = Decide();
    }
    Do(next);
  }

  void Answer(Response response) {
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
    if (!reading_ && !ends && on_their_way_ < most_on_their_way_) {
      reading_ = true;
      next.read = true;
    }
    if (ends && !reading_ && !writing_ && on_their_way_ == 0 && !finished_) {
      finished_ = true;
      next.finish = ending_;
    }
    return next;
  }

  void Do(const Next& next) {
    if (next.write != nullptr) {
      // Several answers share a turn of the socket.
      next.more_to_write
          ? this->StartWrite(next.write, grpc::WriteOptions().set_buffer_hint())
          : this->StartWrite(next.write);
    }
    if (next.read) {
      this->StartRead(&request_);
    }
    if (next.finish) {
      this->Finish(end_.Tell(*next.finish));
    }
  }

  const Serving serving_;
  const std::string service_;
  const size_t most_on_their_way_;
  const AnswerItem<Request, Response> answer_item_;
  const Clock::duration admitted_for_;
  const Credentials shown_;
  const RequestContext context_;
  const CallEnd end_;
  ItemFaults faults_;
  // While reading_, the reader's.
  identity::Principal caller_;
  Clock::time_point admitted_until_;
  Request request_;

  Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool no_more_ ABSL_GUARDED_BY(mutex_) = false;  // items
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;     // the client is
  absl::Status ending_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  size_t on_their_way_ ABSL_GUARDED_BY(mutex_) = 0;
  // The first one is being written while writing_.
  std::deque<Response> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::rpc

#endif  // SERVICES_RPC_ANSWER_STREAM_H_
