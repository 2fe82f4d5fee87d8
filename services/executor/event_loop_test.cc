#include "services/executor/event_loop.h"

#include <boost/asio/post.hpp>
#include <memory>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace masa {
namespace {

TEST(EventLoop, RunsHandlersUntilStopped) {
  EventLoop loop("loop", 2);
  absl::Notification ran;
  boost::asio::post(loop.context(), [&ran] { ran.Notify(); });
  ran.WaitForNotification();
  loop.Stop();
  loop.Stop();
}

TEST(EventLoop, DestroysHandlersThatNeverRan) {
  auto held = std::make_shared<int>(1);
  std::weak_ptr<int> watch = held;
  {
    EventLoop loop("loop", 1);
    loop.Stop();
    boost::asio::post(loop.context(), [held = std::move(held)] {});
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace masa
