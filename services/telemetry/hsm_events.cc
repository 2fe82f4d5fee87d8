#include "services/telemetry/hsm_events.h"

#include "absl/strings/str_cat.h"
#include "services/telemetry/log.h"

namespace masa::telemetry {

namespace {

// Up to where callers have long given up; a call to an HSM takes milliseconds.
const prometheus::Histogram::BucketBoundaries kBuckets = {
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};

}  // namespace

HsmEvents::HsmEvents(prometheus::Registry& registry,
                     const std::vector<std::string>& tokens)
    : depth_(prometheus::BuildGauge()
                 .Name("masa_signer_queue_depth")
                 .Help("Signatures that wait for a session of the HSM")
                 .Register(registry)
                 .Add({})),
      wait_(prometheus::BuildHistogram()
                .Name("masa_signer_queue_wait_seconds")
                .Help("How long a signature waited for its session")
                .Register(registry)
                .Add({}, kBuckets)) {
  auto& family = prometheus::BuildGauge()
                     .Name("masa_hsm_token_open")
                     .Help("1 while the HSM's token can sign")
                     .Register(registry);
  for (const std::string& label : tokens) {
    open_[label] = &family.Add({{"token", label}});
    open_[label]->Set(1);
  }
  auto& sessions = prometheus::BuildGauge()
                       .Name("masa_signer_sessions")
                       .Help("Sessions with the HSM, by what they do")
                       .Register(registry);
  for (const std::string& label : tokens) {
    const auto of = [&](const char* state) -> prometheus::Gauge& {
      return sessions.Add({{"state", state}, {"token", label}});
    };
    sessions_.emplace(
        label, Sessions{of("busy"), of("idle"), of("lost"), of("closed")});
  }
}

void HsmEvents::Waited(absl::Duration waited) {
  wait_.Observe(absl::ToDoubleSeconds(waited));
}

void HsmEvents::Measure(const signing::PoolLoad& load) {
  depth_.Set(static_cast<double>(load.waiting));
  for (const signing::TokenLoad& token : load.tokens) {
    const Sessions& sessions = sessions_.at(token.label);
    sessions.busy.Set(token.busy);
    sessions.idle.Set(token.idle);
    sessions.lost.Set(token.lost);
    sessions.closed.Set(token.closed);
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
