#include "services/executor/event_loop.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/strings/str_cat.h"
#include "services/executor/thread_name.h"

namespace masa {

EventLoop::EventLoop(int threads)
    : context_(threads), work_(context_.get_executor()) {}

// Delegates, so that threads already running are joined when one more throws.
EventLoop::EventLoop(const std::string& name, int threads)
    : EventLoop(threads) {
  // Both services are made here, so that no later call can throw for them.
  boost::asio::ip::tcp::acceptor acceptor(context_);
  boost::asio::steady_timer timer(context_);
  for (int i = 0; i < threads || i == 0; ++i) {
    threads_.emplace_back([this, thread_name = absl::StrCat(name, "-", i)] {
      NameThisThread(thread_name);
      context_.run();
    });
  }
}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Stop() {
  context_.stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

}  // namespace masa
