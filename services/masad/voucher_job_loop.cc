#include "services/masad/voucher_job_loop.h"

#include <chrono>
#include <string>

#include "services/executor/thread_name.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr auto kPause = std::chrono::milliseconds(500);

void Tell(const char* what, const absl::Status& status) {
  telemetry::Log(telemetry::Level::kWarn, what,
                 {{"reason", std::string(InfoOf(ReasonOf(status)).name)},
                  {"detail", std::string(status.message())}});
}

}  // namespace

VoucherJobLoop::VoucherJobLoop(issuance::RunVoucherJobs& jobs,
                               telemetry::VoucherJobMetrics& metrics)
    : jobs_(jobs), metrics_(metrics), thread_([this] { Run(); }) {}

void VoucherJobLoop::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
}

VoucherJobLoop::~VoucherJobLoop() {
  Stop();
  thread_.join();
}

bool VoucherJobLoop::Wait() {
  MutexLock lock(mutex_);
  if (!stopping_) {
    (void)changed_.WaitFor(mutex_, kPause);
  }
  return !stopping_;
}

bool VoucherJobLoop::IsStopping() {
  MutexLock lock(mutex_);
  return stopping_;
}

bool VoucherJobLoop::Turn() {
  const auto turn = jobs_.RunTurn([this] { return IsStopping(); });
  if (!turn.ok()) {
    Tell("voucher jobs do not go on", turn.status());
    return false;
  }
  metrics_.CountVouchers(turn->issued, turn->refused);
  if (!turn->rested.ok()) {
    metrics_.CountRest();
    Tell("a voucher job rests", turn->rested);
  }
  return turn->worked;
}

void VoucherJobLoop::ShowOpen() {
  if (const auto open = jobs_.CountOpen(); open.ok()) {
    metrics_.SetOpen(*open);
  }
}

void VoucherJobLoop::Run() {
  NameThisThread("voucher-jobs");
  while (Wait()) {
    while (!IsStopping() && Turn()) {
      ShowOpen();
    }
    ShowOpen();
  }
}

}  // namespace masa::masad
