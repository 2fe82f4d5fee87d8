#include "services/executor/executor.h"

#include <utility>

#include "services/executor/thread_name.h"

namespace masa {

Executor::Executor(Options options) : options_(std::move(options)) {
  MutexLock lock(join_mutex_);
  const int count = options_.threads < 1 ? 1 : options_.threads;
  {
    MutexLock state(mutex_);
    idle_ = count;
  }
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this, i] { Work(i); });
  }
}

Executor::~Executor() { Drain(); }

bool Executor::TrySubmit(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    // An idle thread takes its task at once, so only the surplus waits.
    if (stopping_ ||
        queue_.size() >= options_.queue_limit + static_cast<size_t>(idle_)) {
      return false;
    }
    queue_.push_back(std::move(task));
  }
  // Without the mutex, which who wakes up wants first of all.
  changed_.NotifyOne();
  return true;
}

void Executor::Drain() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  MutexLock lock(join_mutex_);
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void Executor::Work(int index) {
  NameThisThread(options_.name + "-" + std::to_string(index));
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && queue_.empty()) {
        changed_.Wait(mutex_);
      }
      if (queue_.empty()) {
        return;
      }
      task = std::move(queue_.front());
      queue_.pop_front();
      --idle_;
    }
    task();
    task = nullptr;  // what it holds is released before we count as idle
    MutexLock lock(mutex_);
    ++idle_;
  }
}

}  // namespace masa
