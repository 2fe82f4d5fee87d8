#include "services/masad/ownership_loop.h"

#include <chrono>
#include <string>

#include "absl/time/clock.h"
#include "services/executor/thread_name.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr int kMostBatches = 128;
constexpr int kMostOffers = 16;
constexpr auto kPause = std::chrono::seconds(1);

RequestContext NewContext() {
  RequestContext context;
  context.request_id = "ownership";
  context.deadline = absl::Now() + absl::Seconds(20);
  return context;
}

// How many were done; none after a failure, which the next round tries again.
int Tell(const char* what, const absl::StatusOr<int>& done) {
  if (done.ok()) {
    return *done;
  }
  telemetry::Log(telemetry::Level::kWarn, what,
                 {{"reason", std::string(InfoOf(ReasonOf(done.status())).name)},
                  {"detail", std::string(done.status().message())}});
  return 0;
}

}  // namespace

OwnershipLoop::OwnershipLoop(issuance::SignHistories& histories,
                             issuance::ServeTransfers& transfers,
                             telemetry::Metrics& metrics)
    : histories_(histories),
      transfers_(transfers),
      metrics_(metrics),
      thread_([this] { Run(); }) {}

OwnershipLoop::~OwnershipLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

bool OwnershipLoop::Wait() {
  MutexLock lock(mutex_);
  if (!stopping_) {
    (void)changed_.WaitFor(mutex_, kPause);
  }
  return !stopping_;
}

void OwnershipLoop::Round() {
  // More than one after a large import.
  while (Tell("histories are not signed",
              histories_.SignSome(NewContext(), kMostBatches)) >=
         kMostBatches) {
    MutexLock lock(mutex_);
    if (stopping_) {
      return;
    }
  }
  if (const auto age = histories_.UnsignedFor(NewContext()); age.ok()) {
    metrics_.SetUnsignedHistoriesAge(*age);
  }
  (void)Tell("offers are not ended",
             transfers_.ExpireOffers(NewContext(), kMostOffers));
}

void OwnershipLoop::Run() {
  NameThisThread("ownership");
  while (Wait()) {
    Round();
  }
}

}  // namespace masa::masad
