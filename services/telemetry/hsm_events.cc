#include "services/telemetry/hsm_events.h"

#include "absl/strings/str_cat.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {

HsmEvents::HsmEvents(prometheus::Registry& registry,
                     const std::vector<std::string>& tokens) {
  auto& family = prometheus::BuildGauge()
                     .Name("masa_hsm_token_open")
                     .Help("1 while the HSM's token can sign")
                     .Register(registry);
  for (const std::string& label : tokens) {
    open_[label] = &family.Add({{"token", label}});
    open_[label]->Set(1);
  }
}

void HsmEvents::TokenCame(const std::string& label) {
  open_.at(label)->Set(1);
  Log(Level::kInfo, absl::StrCat("HSM token ", label, " signs again"));
}

void HsmEvents::TokenWent(const std::string& label, const std::string& why,
                          bool forever) {
  open_.at(label)->Set(0);
  Log(Level::kError,
      absl::StrCat("HSM token ", label, " does not sign: ", why,
                   forever ? "; its PIN is not tried again before the next "
                             "start, since tries lock tokens"
                           : "; it is tried again in the background"));
}

}  // namespace masa::telemetry
