// A fixed number of threads behind a bounded queue, for calls that block (SQL,
// signing, remote procedure calls), so that I/O threads never do. It never
// grows and never waits to take work: when it is full it says no at once.
#ifndef SERVICES_EXECUTOR_EXECUTOR_H_
#define SERVICES_EXECUTOR_EXECUTOR_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"

namespace masa {

// Thread-safe. The destructor drains: what was accepted is run.
class Executor {
 public:
  struct Options {
    std::string name = "executor";  // threads are called name-0, name-1, ...
    int threads = 4;                // at least 1
    size_t queue_limit = 256;       // tasks that may wait, beside those running
  };

  explicit Executor(Options options);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  ~Executor();

  // True when `task` will be run; false, and `task` dropped, when the queue is
  // full or Drain has begun. `task` throws nothing.
  [[nodiscard]] bool TrySubmit(std::function<void()> task);

  // Takes no more work, runs what was accepted, joins the threads. Safe to
  // call again; not from a task.
  void Drain();

 private:
  void Work(int index);

  const Options options_;
  Mutex mutex_;
  Condition changed_;  // work came, or the end did
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  int idle_ ABSL_GUARDED_BY(mutex_) = 0;  // threads that wait for work
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Mutex join_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace masa

#endif  // SERVICES_EXECUTOR_EXECUTOR_H_
