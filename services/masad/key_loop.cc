#include "services/masad/key_loop.h"

#include <chrono>
#include <string>

#include "absl/time/clock.h"
#include "services/executor/thread_name.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr auto kPause = std::chrono::seconds(60);
// After a round that could not read: at start the signer may come later.
constexpr auto kShortPause = std::chrono::seconds(5);

}  // namespace

KeyLoop::KeyLoop(UseCases& use_cases, telemetry::Metrics& metrics)
    : use_cases_(use_cases),
      expiries_(metrics.registry()),
      healths_(metrics.registry()),
      thread_([this] { Run(); }) {}

KeyLoop::~KeyLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

bool KeyLoop::Round() {
  const bool knows_expiries = UpdateExpiries();
  return UpdateHealths() && knows_expiries;
}

bool KeyLoop::UpdateHealths() {
  const auto healths = use_cases_.KeyHealths();
  if (healths.ok()) {
    healths_.Update(*healths);
  }
  return healths.ok();
}

bool KeyLoop::UpdateExpiries() {
  RequestContext context;
  context.request_id = "keys";
  context.deadline = absl::Now() + absl::Seconds(10);
  const auto expiries = use_cases_.KeyExpiries(context);
  if (expiries.ok()) {
    expiries_.Update(*expiries, absl::Now());
  } else {
    telemetry::Log(
        telemetry::Level::kWarn, "the ends of certificates are not known",
        {{"reason", std::string(InfoOf(ReasonOf(expiries.status())).name)}});
  }
  return expiries.ok();
}

void KeyLoop::Run() {
  NameThisThread("keys");
  while (true) {
    const auto pause = Round() ? kPause : kShortPause;
    MutexLock lock(mutex_);
    if (!stopping_) {
      (void)changed_.WaitFor(mutex_, pause);
    }
    if (stopping_) {
      return;
    }
  }
}

}  // namespace masa::masad
