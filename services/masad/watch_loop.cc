#include "services/masad/watch_loop.h"

#include <chrono>
#include <string>

#include "absl/time/clock.h"
#include "services/executor/thread_name.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr auto kPause = std::chrono::milliseconds(250);

void TellFailure(const absl::Status& status) {
  telemetry::Log(telemetry::Level::kWarn, "the ownership feed is not read",
                 {{"reason", std::string(InfoOf(ReasonOf(status)).name)},
                  {"detail", std::string(status.message())}});
}

}  // namespace

WatchLoop::WatchLoop(issuance::WatchOwnership& watches,
                     prometheus::Registry& registry)
    : watches_(watches),
      read_(prometheus::BuildGauge()
                .Name("masa_ownership_feed_read_timestamp_seconds")
                .Help("When the feed of ownership changes was read last")
                .Register(registry)
                .Add({})),
      thread_([this] { Run(); }) {}

WatchLoop::~WatchLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

bool WatchLoop::Wait() {
  MutexLock lock(mutex_);
  if (!stopping_) {
    (void)changed_.WaitFor(mutex_, kPause);
  }
  return !stopping_;
}

void WatchLoop::Run() {
  NameThisThread("watch");
  bool failed = false;
  while (Wait()) {
    const absl::Status status =
        watches_.Poll({"watch", "", absl::Now() + absl::Seconds(5)});
    // Once for an outage, however many rounds it lasts.
    if (!status.ok() && !failed) {
      TellFailure(status);
    }
    failed = !status.ok();
    if (!failed) {
      read_.Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
    }
  }
}

}  // namespace masa::masad
