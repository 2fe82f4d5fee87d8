#include "services/masad/verification_loop.h"

#include <chrono>
#include <string>

#include "services/executor/thread_name.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr auto kPause = std::chrono::milliseconds(500);

}  // namespace

VerificationLoop::VerificationLoop(issuance::RunVerifications& verifications)
    : verifications_(verifications), thread_([this] { Run(); }) {}

VerificationLoop::~VerificationLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

bool VerificationLoop::Wait() {
  MutexLock lock(mutex_);
  if (!stopping_) {
    (void)changed_.WaitFor(mutex_, kPause);
  }
  return !stopping_;
}

bool VerificationLoop::IsStopping() {
  MutexLock lock(mutex_);
  return stopping_;
}

bool VerificationLoop::Turn() {
  const auto turn = verifications_.RunTurn([this] { return IsStopping(); });
  if (!turn.ok()) {
    telemetry::Log(
        telemetry::Level::kWarn, "a verification of the log does not go on",
        {{"reason", std::string(InfoOf(ReasonOf(turn.status())).name)},
         {"detail", std::string(turn.status().message())}});
  }
  return turn.ok() && *turn;
}

void VerificationLoop::Run() {
  NameThisThread("verify-log");
  while (Wait()) {
    while (!IsStopping() && Turn()) {
    }
  }
}

}  // namespace masa::masad
