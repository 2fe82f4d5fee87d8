#include "services/telemetry/metered_signer.h"

#include "absl/time/clock.h"
#include "services/signing/key_names.h"
#include "services/telemetry/metrics.h"

namespace masa::telemetry {
namespace {

prometheus::Counter& CounterOf(prometheus::Registry& registry, const char* name,
                               const char* help,
                               const prometheus::Labels& labels) {
  return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(registry)
      .Add(labels);
}

}  // namespace

MeteredSigner::MeteredSigner(signing::Signer& signer,
                             prometheus::Registry& registry,
                             const std::string& backend)
    : signer_(signer),
      backend_(backend),
      seconds_(prometheus::BuildHistogram()
                   .Name("masa_signer_sign_seconds")
                   .Help("How long calls to a signing key took")
                   .Register(registry)),
      batch_size_(prometheus::BuildHistogram()
                      .Name("masa_voucher_batch_size")
                      .Help("Items of a call to a signing key")
                      .Register(registry)
                      .Add({},
                           prometheus::Histogram::BucketBoundaries{
                               1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024})),
      signatures_(CounterOf(registry, "masa_signer_signatures_total",
                            "Items given to signing keys",
                            {{"backend", backend}})),
      lint_failures_(CounterOf(registry, "masa_voucher_lint_failures_total",
                               "Items that the lint before the key refused",
                               {})) {
  auto& errors = prometheus::BuildCounter()
                     .Name("masa_signer_errors_total")
                     .Help("Items that were not signed, by reason")
                     .Register(registry);
  int count = 0;
  const ReasonInfo* rows = AllReasons(&count);
  for (int i = 0; i < count; ++i) {
    errors_[rows[i].reason] = &errors.Add(
        {{"backend", backend}, {"code", std::string(rows[i].name)}});
  }
}

std::vector<absl::StatusOr<std::string>> MeteredSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const signing::ToBeSigned> items) {
  const absl::Time start = absl::Now();
  auto signatures = signer_.Sign(context, key, items);
  SecondsOf(key).Observe(absl::ToDoubleSeconds(absl::Now() - start));
  batch_size_.Observe(static_cast<double>(items.size()));
  signatures_.Increment(static_cast<double>(signatures.size()));
  for (const auto& signature : signatures) {
    if (!signature.ok()) {
      CountFailure(signature.status());
    }
  }
  return signatures;
}

absl::StatusOr<signing::KeyDescription> MeteredSigner::Describe(
    const RequestContext& context, const std::string& key) {
  return signer_.Describe(context, key);
}

void MeteredSigner::CountFailure(const absl::Status& status) {
  const Reason reason = ReasonOf(status);
  errors_.at(reason)->Increment();
  if (reason == Reason::kKeyNotForThis) {
    lint_failures_.Increment();
  }
}

// Keys are few and of the configuration: a name that no key has is not asked
// for twice, since policies name keys.
prometheus::Histogram& MeteredSigner::SecondsOf(const std::string& key) {
  const std::string name = signing::ParseKeyName(key).key;
  absl::MutexLock lock(&mutex_);
  prometheus::Histogram*& histogram = by_key_[name];
  if (histogram == nullptr) {
    histogram =
        &seconds_.Add({{"backend", backend_}, {"key", name}}, LatencyBuckets());
  }
  return *histogram;
}

}  // namespace masa::telemetry
