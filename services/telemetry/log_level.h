// Which lines are written: as configured, or for a while as an operator says.
// Thread-safe, and cheap enough to be asked for each line.
#ifndef SERVICES_TELEMETRY_LOG_LEVEL_H_
#define SERVICES_TELEMETRY_LOG_LEVEL_H_

#include <atomic>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace masa::telemetry {

enum class Level { kDebug = 0, kInfo = 1, kWarn = 2, kError = 3 };

class LogLevel {
 public:
  struct State {
    Level level = Level::kInfo;  // lines below it are dropped
    Level configured = Level::kInfo;
    absl::Time until = absl::InfinitePast();  // past: as configured
  };

  // What holds when nothing else is said. Ends no override.
  void Configure(Level level) { configured_ = static_cast<int>(level); }

  // Holds until `until`, whatever is configured meanwhile.
  void Override(Level level, absl::Time until) {
    // Nothing in between shows the new level with the old end.
    until_micros_ = std::numeric_limits<int64_t>::min();
    override_ = static_cast<int>(level);
    until_micros_ = absl::ToUnixMicros(until);
  }

  Level At(absl::Time now) const {
    return static_cast<Level>(absl::ToUnixMicros(now) < until_micros_
                                  ? override_.load()
                                  : configured_.load());
  }

  State Read(absl::Time now) const {
    State state{At(now), static_cast<Level>(configured_.load())};
    if (absl::ToUnixMicros(now) < until_micros_) {
      state.until = absl::FromUnixMicros(until_micros_);
    }
    return state;
  }

 private:
  std::atomic<int> configured_{static_cast<int>(Level::kInfo)};
  std::atomic<int> override_{static_cast<int>(Level::kInfo)};
  std::atomic<int64_t> until_micros_{std::numeric_limits<int64_t>::min()};
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_LOG_LEVEL_H_
