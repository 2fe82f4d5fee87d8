#include "services/masad/config_watch.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "services/executor/thread_name.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

constexpr auto kPause = std::chrono::seconds(2);

prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const char* name,
                           const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(
      {});
}

}  // namespace

ConfigWatch::ConfigWatch(prometheus::Registry& registry, Look look,
                         Reload reload)
    : look_(std::move(look)),
      reload_(std::move(reload)),
      taken_(look_()),
      successful_(GaugeOf(registry, "masa_config_last_reload_successful",
                          "1 when the configuration was taken the last time")),
      timestamp_(GaugeOf(registry, "masa_config_last_reload_timestamp_seconds",
                         "When the configuration was taken the last time")) {
  successful_.Set(1);
  timestamp_.Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  thread_ = std::thread([this] { Run(); });
}

ConfigWatch::~ConfigWatch() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void ConfigWatch::ReloadNow() {
  {
    MutexLock lock(mutex_);
    asked_ = true;
  }
  changed_.NotifyAll();
}

bool ConfigWatch::Wait(bool* asked) {
  MutexLock lock(mutex_);
  if (!stopping_ && !asked_) {
    (void)changed_.WaitFor(mutex_, kPause);
  }
  *asked = std::exchange(asked_, false);
  return !stopping_;
}

void ConfigWatch::Run() {
  NameThisThread("config");
  for (bool asked = false; Wait(&asked);) {
    std::string now = look_();
    if (asked || now != taken_) {
      Tell(reload_());
      taken_ = std::move(now);
    }
  }
}

void ConfigWatch::Tell(const absl::Status& done) {
  successful_.Set(done.ok() ? 1 : 0);
  if (done.ok()) {
    timestamp_.Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
    telemetry::Log(telemetry::Level::kInfo, "the configuration was read again");
    return;
  }
  telemetry::Log(telemetry::Level::kError,
                 "the changed configuration has a fault and is not taken",
                 {{"detail", std::string(done.message())}});
}

}  // namespace masa::masad
