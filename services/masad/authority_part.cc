#include "services/masad/authority_part.h"

#include <functional>

#include "services/authority/api_services.h"
#include "services/issuance/ids.h"
#include "services/issuance/readiness.h"
#include "services/masad/gathering_options.h"
#include "services/masad/signer_part.h"
#include "services/status/macros.h"

namespace masa::masad {
namespace {

constexpr size_t kCachedChains = 10'000;
// As many as one statement commits (storage/postgres).
constexpr size_t kOrdersOfABatch = 256;
// Of 16 streams (services/authority/issue_stream.cc).
constexpr size_t kMostOrders = 4096;

// What the listener `authority.api` serves, by name.
std::vector<std::string> ApiServices(const masa::v1::AuthorityConfig& config) {
  std::vector<std::string> names = authority::ApiServices();
  for (const std::string& more : authority::VoucherJobServices()) {
    names.push_back(more);
  }
  if (config.ovgs().enabled()) {
    names.push_back(::ovgs::v1::OwnershipVoucherService::service_full_name());
  }
  return names;
}

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

// Nobody counts where `calls` is null.
std::function<void()> CountForgiven(CallEvents* calls, const char* what) {
  return [calls, what] {
    if (calls != nullptr) {
      calls->Forgave(what);
    }
  };
}

// Nobody listens where the setup names nobody.
ApiEvents& EventsOf(const Setup& setup) {
  static NoApiEvents nobody;
  return setup.api == nullptr ? nobody : *setup.api;
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
      resolve_desk_({direct.standings, direct.groups, policies_, clock_}),
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

absl::StatusOr<std::unique_ptr<ApiListener>> ApiListener::New(
    const Setup& setup, const ApiDesks& desks, Executor& executor) {
  const masa::v1::AuthorityConfig& config = setup.config.authority();
  MASA_ASSIGN_OR_RETURN(auto tokens, TokenPart::New(setup));
  MASA_ASSIGN_OR_RETURN(
      rpc::Gate gate,
      BuildGate(config.api(), config.callers(), ApiServices(config),
                tokens == nullptr ? nullptr : tokens->Authenticate(),
                [&events = EventsOf(setup)] { events.CameByCookie(); }));
  std::unique_ptr<ApiListener> made(new ApiListener(
      std::move(tokens), std::move(gate), desks, setup, executor));
  MASA_ASSIGN_OR_RETURN(rpc::ServerOptions options,
                        ListenerOf(setup, config.api()));
  options.client_certificate_optional = config.oidc_size() > 0;
  MASA_ASSIGN_OR_RETURN(
      made->server_,
      rpc::Server::New(options, made->Services(config.ovgs().enabled())));
  return made;
}

ApiListener::ApiListener(std::unique_ptr<TokenPart> tokens, rpc::Gate gate,
                         const ApiDesks& desks, const Setup& setup,
                         Executor& executor)
    : tokens_(std::move(tokens)),
      gate_(std::move(gate)),
      serving_{gate_, executor},
      gathering_(desks.resolves, GatheringOptions("resolves")),
      issuing_(desks.vouchers,
               GatheringOptions("orders", kOrdersOfABatch, kMostOrders)),
      devices_(desks.operators, desks.registry, desks.transfers, serving_),
      ownership_(gathering_, desks.watches, serving_),
      vouchers_(desks.operators, issuing_, serving_),
      audit_(desks.operators, desks.audit, desks.verifications, serving_),
      policies_(desks.policies, serving_),
      approvals_(desks.claims, serving_),
      organizations_(desks.groups, serving_),
      groups_(desks.groups, serving_),
      access_(desks.groups, desks.notes, serving_),
      domain_certs_(desks.groups, serving_),
      transfers_(desks.transfers, serving_),
      keys_(desks.keys, serving_),
      jobs_(desks.jobs, desks.escrow, desks.verifications, serving_),
      certificates_(desks.certificates == nullptr
                        ? nullptr
                        : std::make_unique<authority::CertificateFace>(
                              *desks.certificates, serving_)),
      reports_(desks.reports == nullptr
                   ? nullptr
                   : std::make_unique<authority::ReportFace>(*desks.reports,
                                                             serving_)),
      ovgs_(desks.groups, setup.config.authority().ovgs(), serving_,
            CountForgiven(setup.served, "ien"), EventsOf(setup)) {}

void ApiListener::Drain(absl::Duration within) {
  // First: who waits for a job, or follows the log, is answered meanwhile.
  jobs_.Drain();
  audit_.Drain();
  server_->Drain(within);
}

std::vector<grpc::Service*> ApiListener::Services(bool with_ovgs) {
  std::vector<grpc::Service*> services = {
      &devices_,   &ownership_,      &vouchers_,      &audit_,
      &policies_,  &approvals_,      &organizations_, &groups_,
      &access_,    &domain_certs_,   &transfers_,     &keys_,
      &jobs_.jobs, &jobs_.operations};
  if (certificates_ != nullptr) {
    services.push_back(certificates_.get());
  }
  if (reports_ != nullptr) {
    services.push_back(reports_.get());
  }
  if (with_ovgs) {
    services.push_back(&ovgs_);
  }
  return services;
}

InternalListener::InternalListener(rpc::Gate gate, const InternalDesks& desks,
                                   Executor& executor)
    : gate_(std::move(gate)),
      serving_{gate_, executor},
      gathering_(desks.registrars, GatheringOptions("vouchers")),
      face_(gathering_, serving_) {
  if (desks.enrollment != nullptr) {
    enrollment_ = std::make_unique<authority::EnrollmentFace>(*desks.enrollment,
                                                              serving_);
  }
  if (desks.status != nullptr) {
    status_ = std::make_unique<authority::CertificateStatusFace>(*desks.status,
                                                                 serving_);
  }
  if (desks.pledges != nullptr) {
    pledges_ =
        std::make_unique<authority::PledgeFace>(*desks.pledges, serving_);
  }
}

std::vector<grpc::Service*> InternalListener::Services() {
  std::vector<grpc::Service*> services = {&face_};
  if (enrollment_ != nullptr) {
    services.push_back(enrollment_.get());
  }
  if (status_ != nullptr) {
    services.push_back(status_.get());
  }
  if (pledges_ != nullptr) {
    services.push_back(pledges_.get());
  }
  return services;
}

absl::StatusOr<std::unique_ptr<InternalListener>> InternalListener::New(
    const Setup& setup, const InternalDesks& desks, Executor& executor) {
  const masa::v1::AuthorityConfig& config = setup.config.authority();
  MASA_ASSIGN_OR_RETURN(
      rpc::Gate gate,
      BuildGate(config.internal(), config.callers(),
                {masa::v1::RegistrarService::service_full_name(),
                 masa::v1::EnrollmentService::service_full_name(),
                 masa::v1::CertificateStatusService::service_full_name(),
                 masa::v1::PledgeService::service_full_name()}));
  std::unique_ptr<InternalListener> made(
      new InternalListener(std::move(gate), desks, executor));
  MASA_ASSIGN_OR_RETURN(const rpc::ServerOptions options,
                        ListenerOf(setup, config.internal()));
  MASA_ASSIGN_OR_RETURN(made->server_,
                        rpc::Server::New(options, made->Services()));
  return made;
}

}  // namespace masa::masad
