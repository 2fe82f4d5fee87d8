#include "services/masad/status_loop.h"

#include <chrono>
#include <string>

#include "absl/time/clock.h"
#include "services/executor/thread_name.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr auto kPause = std::chrono::seconds(1);
// A batch and its statements take a fraction of it.
constexpr absl::Duration kTurnTime = absl::Seconds(30);

void Tell(const char* what, const absl::Status& status) {
  telemetry::Log(telemetry::Level::kWarn, what,
                 {{"reason", std::string(InfoOf(ReasonOf(status)).name)},
                  {"detail", std::string(status.message())}});
}

}  // namespace

StatusLoop::StatusLoop(issuance::SignStatuses& statuses,
                       telemetry::StatusMetrics& metrics)
    : statuses_(statuses), metrics_(metrics), thread_([this] { Run(); }) {}

StatusLoop::~StatusLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

bool StatusLoop::Wait() {
  MutexLock lock(mutex_);
  if (!stopping_) {
    (void)changed_.WaitFor(mutex_, kPause);
  }
  return !stopping_;
}

bool StatusLoop::IsStopping() {
  MutexLock lock(mutex_);
  return stopping_;
}

bool StatusLoop::Turn() {
  RequestContext context;
  context.deadline = absl::Now() + kTurnTime;
  const auto turn = statuses_.RunTurn(context);
  if (!turn.ok()) {
    Tell("OCSP responses are not signed ahead", turn.status());
    return false;
  }
  metrics_.Count(turn->is_signed, turn->failed);
  if (turn->failed > 0) {
    Tell("an OCSP response is not signed ahead", turn->fault);
  }
  return turn->is_full && turn->failed == 0;
}

void StatusLoop::Run() {
  NameThisThread("statuses");
  while (Wait()) {
    while (!IsStopping() && Turn()) {
    }
  }
}

}  // namespace masa::masad
