#include "services/telemetry/key_expiries.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {
namespace {

constexpr absl::Duration kSteps[] = {absl::Hours(24 * 30), absl::Hours(24 * 7),
                                     absl::Hours(24), absl::ZeroDuration()};

// How many steps are behind.
int StepsPast(absl::Duration left) {
  int count = 0;
  for (const absl::Duration step : kSteps) {
    count += left <= step ? 1 : 0;
  }
  return count;
}

}  // namespace

KeyExpiries::KeyExpiries(prometheus::Registry& registry)
    : family_(prometheus::BuildGauge()
                  .Name("masa_signer_key_not_after_timestamp_seconds")
                  .Help("When the first certificate of a signing key's chain "
                        "to end does so")
                  .Register(registry)) {}

void KeyExpiries::Update(const std::vector<issuance::KeyExpiry>& expiries,
                         absl::Time now) {
  std::set<Name> there;
  for (const issuance::KeyExpiry& expiry : expiries) {
    const Name name = {expiry.key, expiry.version};
    there.insert(name);
    prometheus::Gauge*& gauge = gauges_[name];
    if (gauge == nullptr) {
      gauge = &family_.Add({{"key", expiry.key}, {"version", expiry.version}});
    }
    gauge->Set(absl::ToDoubleSeconds(expiry.not_after - absl::UnixEpoch()));
    if (!expiry.has_successor) {
      Warn(expiry, now);
    }
  }
  for (auto at = gauges_.begin(); at != gauges_.end();) {
    if (there.contains(at->first)) {
      ++at;
      continue;
    }
    family_.Remove(at->second);
    at = gauges_.erase(at);
  }
}

void KeyExpiries::Warn(const issuance::KeyExpiry& expiry, absl::Time now) {
  int& warned = warned_[{expiry.key, expiry.version}];
  const int steps = StepsPast(expiry.not_after - now);
  if (steps > warned) {
    const bool has_ended = expiry.not_after <= now;
    Log(has_ended ? Level::kError : Level::kWarn,
        has_ended ? "the certificate of a signing key has ended; make and "
                    "activate another version"
                  : "the certificate of a signing key ends soon; make and "
                    "activate another version",
        {{"key", expiry.key},
         {"version", expiry.version},
         {"not_after", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", expiry.not_after,
                                        absl::UTCTimeZone())}});
  }
  warned = steps;
}

}  // namespace masa::telemetry
