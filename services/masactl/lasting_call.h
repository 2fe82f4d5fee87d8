// A stream that is read for as long as somebody wants it: over as many calls as
// that takes, since servers go and calls end, until Ctrl-C.
#ifndef SERVICES_MASACTL_LASTING_CALL_H_
#define SERVICES_MASACTL_LASTING_CALL_H_

#include <chrono>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "grpcpp/client_context.h"
#include "services/executor/mutex.h"

namespace masa::masactl {

class LastingCall {
 public:
  // Waits so long before it asks again, and twice as long after each stream of
  // which nothing was heard.
  explicit LastingCall(
      std::chrono::milliseconds first_pause = std::chrono::seconds(1))
      : first_pause_(first_pause) {}

  // Reads one stream to its end, in a call that has no deadline, and sets
  // `heard` when anything came. What it has got is not asked for again.
  using Read =
      std::function<absl::Status(grpc::ClientContext& call, bool& heard)>;

  // Reads until a stream ends well, or Stop: OK. Goes on where a server was
  // away or went; where nothing is heard in several calls in a row, and for
  // whatever else went wrong, what the last one ended with. Blocks; once.
  absl::Status Run(const Read& read);

  // From any thread.
  void Stop();

 private:
  bool IsStopped();
  void Pause(int tries);
  // The call that Stop cancels; none: nothing to cancel.
  void SetCall(grpc::ClientContext* call);

  const std::chrono::milliseconds first_pause_;
  Mutex mutex_;
  Condition changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_LASTING_CALL_H_
