#include "load-tests/stream_load.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/client_callback.h"

namespace masa {
namespace {

using grpc::ByteBuffer;
using Items = std::vector<ByteBuffer>;

class OneStream final : public grpc::ClientBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  // Items first, first + step and so on.
  OneStream(const Items& items, size_t first, size_t step, size_t unanswered,
            const CheckAnswer& check, absl::BlockingCounter& running)
      : items_(items),
        step_(step),
        most_(unanswered),
        check_(check),
        running_(running),
        next_(first) {}

  void Start(grpc::GenericStub& stub, const std::string& method) {
    stub.PrepareBidiStreamingCall(&context_, method, {}, this);
    StartRead(&answer_);
    Write();
    StartCall();
  }

  const std::string& fault() const { return fault_; }

  void OnReadDone(bool ok) override {
    if (!ok) {
      return;
    }
    std::string fault = check_(answer_);
    if (!fault.empty()) {
      fault_ = std::move(fault);
    }
    StartRead(&answer_);
    {
      absl::MutexLock lock(&mutex_);
      --unanswered_;
    }
    Write();
  }

  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
    }
    if (ok) {
      Write();
    }
  }

  void OnDone(const grpc::Status& status) override {
    if (!status.ok()) {
      fault_ = status.error_message();
    } else if (unanswered_ != 0) {
      fault_ = "items were not answered";
    }
    running_.DecrementCount();
  }

 private:
  // The next item, if it is time for it; behind the last one the end.
  void Write() {
    const ByteBuffer* item = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      if (writing_ || ended_ || unanswered_ == most_) {
        return;
      }
      if (next_ < items_.size()) {
        item = &items_[next_];
        next_ += step_;
        ++unanswered_;
        writing_ = true;
      } else {
        ended_ = true;
      }
    }
    item == nullptr ? StartWritesDone() : StartWrite(item);
  }

  const Items& items_;
  const size_t step_;
  const size_t most_;
  const CheckAnswer& check_;
  absl::BlockingCounter& running_;
  grpc::ClientContext context_;
  ByteBuffer answer_;
  std::string fault_;
  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_);
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

StreamResult RunStreams(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    const std::string& method, const Items& items, size_t unanswered,
    const CheckAnswer& check) {
  absl::BlockingCounter running(static_cast<int>(channels.size()));
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  std::vector<std::unique_ptr<OneStream>> streams;
  for (size_t i = 0; i < channels.size(); ++i) {
    stubs.push_back(std::make_unique<grpc::GenericStub>(channels[i]));
    streams.push_back(std::make_unique<OneStream>(items, i, channels.size(),
                                                  unanswered, check, running));
    streams.back()->Start(*stubs.back(), method);
  }
  running.Wait();
  StreamResult result;
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  result.seconds = took.count();
  for (const auto& stream : streams) {
    result.fault = stream->fault().empty() ? result.fault : stream->fault();
  }
  return result;
}

}  // namespace masa
