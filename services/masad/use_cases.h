// What an authority decides, without the faces by which it is asked.
#ifndef SERVICES_MASAD_USE_CASES_H_
#define SERVICES_MASAD_USE_CASES_H_

#include <vector>

#include "proto/masa/v1/config.pb.h"
#include "services/issuance/answer_registrar.h"
#include "services/issuance/key_expiry.h"
#include "services/issuance/readiness.h"
#include "services/issuance/run_voucher_jobs.h"
#include "services/issuance/serve_claims.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/serve_keys.h"
#include "services/issuance/serve_operators.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/serve_registry.h"
#include "services/issuance/serve_resolves.h"
#include "services/issuance/serve_transfers.h"
#include "services/issuance/serve_voucher_jobs.h"
#include "services/issuance/serve_vouchers.h"
#include "services/issuance/sign_histories.h"
#include "services/issuance/versioned_signer.h"
#include "services/issuance/watch_ownership.h"
#include "services/masad/stores.h"
#include "services/observe/clock.h"
#include "services/telemetry/cache_metrics.h"
#include "services/telemetry/decorators.h"
#include "services/telemetry/timed_stages.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/caching_verifier.h"
#include "services/verification/hot_key_verifier.h"

namespace masa::masad {

// The use cases with what they need. Owns everything but the stores, the
// signer and the metrics, which outlive it.
class UseCases {
 public:
  // `gathered` is for calls that bring one item each, `direct` for those that
  // come gathered; both keep the same records.
  UseCases(const Stores& gathered, const Stores& direct,
           signing::Signer& signer, signing::KeyMaker& maker,
           telemetry::Metrics& metrics,
           const masa::v1::OwnershipWatch& watch = {});

  issuance::RegistrarDesk& registrars() { return observed_; }
  issuance::OperatorDesk& operators() { return operators_; }
  issuance::PolicyDesk& policies() { return policy_desk_; }
  issuance::ClaimDesk& claims() { return claim_desk_; }
  issuance::GroupDesk& groups() { return group_desk_; }
  issuance::RegistryDesk& registry() { return registry_desk_; }
  issuance::ServeTransfers& transfers() { return transfer_desk_; }
  issuance::SignHistories& histories() { return histories_; }
  issuance::WatchOwnership& watches() { return watches_; }
  issuance::ResolveDesk& resolves() { return resolve_desk_; }
  issuance::KeyDesk& keys() { return key_desk_; }

  absl::StatusOr<std::vector<issuance::KeyExpiry>> KeyExpiries(
      const RequestContext& context) {
    return issuance::ExpiriesOfKeys(context, policies_, signer_, clock_.Now());
  }
  issuance::VoucherDesk& vouchers() { return voucher_desk_; }
  issuance::VoucherJobDesk& jobs() { return job_desk_; }
  issuance::RunVoucherJobs& job_runner() { return job_runner_; }
  // For use cases that need more than these stores.
  const issuance::Tools& tools() const { return tools_; }

  // Of every key that products name.
  absl::StatusOr<std::vector<issuance::KeyHealth>> KeyHealths();

  // What the caches were asked: before each scrape, by one thread at a time.
  void UpdateCacheMetrics() { cache_metrics_.Update(); }

 private:
  issuance::Tools ToolsOf(const Stores& stores);

  const SystemClock clock_;
  telemetry::TimedStages stages_;
  verification::BoringVerifier boring_;
  verification::HotKeyVerifier hot_;
  verification::CachingVerifier verifier_;
  issuance::Policies policies_;
  issuance::VersionedSigner signer_;
  telemetry::CacheMetrics cache_metrics_;
  issuance::VoucherTemplates templates_;
  const issuance::Tools tools_;
  issuance::AnswerRegistrar registrars_;
  issuance::ServeOperators operators_;
  issuance::ServePolicies policy_desk_;
  issuance::ServeClaims claim_desk_;
  issuance::ServeGroups group_desk_;
  issuance::ServeRegistry registry_desk_;
  issuance::ServeTransfers transfer_desk_;
  issuance::SignHistories histories_;
  issuance::WatchOwnership watches_;
  issuance::ServeResolves resolve_desk_;
  issuance::ServeKeys key_desk_;
  issuance::ServeVouchers voucher_desk_;
  issuance::ServeVoucherJobs job_desk_;
  issuance::RunVoucherJobs job_runner_;
  telemetry::ObservedRegistrarDesk observed_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_USE_CASES_H_
