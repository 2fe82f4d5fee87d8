// Threads that run one Asio io_context, for the faces that speak HTTP. Making
// one throws when the process has no file descriptor or thread left: each face
// makes its own inside its fence file. Nothing throws after that.
#ifndef SERVICES_EXECUTOR_EVENT_LOOP_H_
#define SERVICES_EXECUTOR_EVENT_LOOP_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>
#include <utility>  // Asio 1.74 forgets it under C++20.
#include <vector>

namespace masa {

// Handlers run on its threads and throw nothing. Thread-safe except for Stop
// and destruction, which belong to the owner and never to a handler.
class EventLoop {
 public:
  // Runs `threads` named threads, at least one. Throws boost::system or std
  // errors, see above.
  EventLoop(const std::string& name, int threads);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  boost::asio::io_context& context() { return context_; }

  // Ends after the handlers that run now, joins the threads. Handlers that
  // wait are destroyed with the loop. Safe to call again.
  void Stop();

 private:
  explicit EventLoop(int threads);

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  std::vector<std::thread> threads_;
};

}  // namespace masa

#endif  // SERVICES_EXECUTOR_EVENT_LOOP_H_
