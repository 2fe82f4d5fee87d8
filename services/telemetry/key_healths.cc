#include "services/telemetry/key_healths.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {
namespace {

// By key: empty when it can be used, else whose it is and why it cannot.
std::map<std::string, std::string> FaultsByKey(
    absl::Span<const issuance::KeyHealth> keys) {
  std::map<std::string, std::string> faults;
  for (const issuance::KeyHealth& key : keys) {
    std::string& fault = faults[key.key];
    if (fault.empty() && !key.status.ok()) {
      fault = absl::StrCat("tenant ", key.tenant_id, ": ",
                           PublicMessage(key.status));
    }
  }
  return faults;
}

}  // namespace

KeyHealths::KeyHealths(prometheus::Registry& registry)
    : family_(prometheus::BuildGauge()
                  .Name("masa_signer_key_usable")
                  .Help("Whether a signing key can sign what products ask of "
                        "it: 1, or 0")
                  .Register(registry)) {}

void KeyHealths::Update(absl::Span<const issuance::KeyHealth> keys) {
  const auto faults = FaultsByKey(keys);
  for (const auto& [key, fault] : faults) {
    auto at = series_.find(key);
    if (at == series_.end()) {
      at = series_.emplace(key, Series{&family_.Add({{"key", key}})}).first;
    }
    Series& series = at->second;
    const bool usable = fault.empty();
    if (usable != series.usable) {
      usable
          ? Log(Level::kInfo, "a signing key can be used again", {{"key", key}})
          : Log(Level::kError, "a signing key cannot be used",
                {{"key", key}, {"fault", fault}});
    }
    series.usable = usable;
    series.gauge->Set(usable ? 1 : 0);
  }
  for (auto at = series_.begin(); at != series_.end();) {
    if (faults.contains(at->first)) {
      ++at;
      continue;
    }
    family_.Remove(at->second.gauge);
    at = series_.erase(at);
  }
}

}  // namespace masa::telemetry
