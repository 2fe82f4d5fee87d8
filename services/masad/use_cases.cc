#include "services/masad/use_cases.h"

#include "services/issuance/ids.h"

namespace masa::masad {
namespace {

constexpr size_t kCachedChains = 10'000;

// What is not set stays as it is.
issuance::WatchTerms TermsOf(const masa::v1::OwnershipWatch& config) {
  issuance::WatchTerms terms;
  if (config.heartbeat_seconds() != 0) {
    terms.heartbeat = absl::Seconds(config.heartbeat_seconds());
  }
  if (config.longest_seconds() != 0) {
    terms.longest = absl::Seconds(config.longest_seconds());
  }
  if (config.most_watchers() != 0) {
    terms.most_watchers = static_cast<int>(config.most_watchers());
  }
  return terms;
}

}  // namespace

UseCases::UseCases(const Stores& gathered, const Stores& direct,
                   signing::Signer& signer, signing::KeyMaker& maker,
                   telemetry::Metrics& metrics,
                   const masa::v1::OwnershipWatch& watch)
    : stages_(metrics.registry()),
      hot_(boring_),
      verifier_(hot_, kCachedChains),
      policies_(gathered.catalog, clock_),
      signer_(signer, direct.keys, clock_),
      cache_metrics_(metrics.registry(), {{"chains", &verifier_.counts()},
                                          {"hot_keys", &hot_.key_counts()},
                                          {"leaf_forms", &hot_.form_counts()},
                                          {"policies", &policies_.counts()},
                                          {"key_versions", &signer_.counts()}}),
      templates_(signer_, clock_),
      tools_(ToolsOf(gathered)),
      registrars_(ToolsOf(direct)),
      operators_(tools_),
      policy_desk_(tools_),
      claim_desk_(tools_),
      group_desk_(tools_),
      registry_desk_(tools_, {gathered.registry, gathered.imports}),
      transfer_desk_(ToolsOf(direct), direct.transfers, direct.histories),
      histories_(gathered.histories, policies_, signer_, clock_),
      watches_(tools_, gathered.feed, TermsOf(watch)),
      resolve_desk_(
          {direct.standings, direct.devices, direct.groups, policies_, clock_}),
      key_desk_(ToolsOf(direct), {direct.keys, maker}),
      voucher_desk_(ToolsOf(direct), direct.issued),
      job_desk_(tools_, gathered.jobs, registry_desk_),
      job_runner_(ToolsOf(direct), direct.jobs, registry_desk_,
                  issuance::NewId(clock_.Now())),
      observed_(registrars_, metrics) {}

issuance::Tools UseCases::ToolsOf(const Stores& stores) {
  return {stores.catalog, stores.devices, stores.log,    signer_,
          verifier_,      clock_,         policies_,     templates_,
          stores.claims,  stores.owned,   stores.groups, stages_};
}

absl::StatusOr<std::vector<issuance::KeyHealth>> UseCases::KeyHealths() {
  RequestContext context;
  context.deadline = clock_.Now() + absl::Seconds(2);
  return issuance::HealthOfKeys(context, policies_, tools_.signer);
}

}  // namespace masa::masad
