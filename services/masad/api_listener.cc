#include "services/masad/api_listener.h"

#include <functional>

#include "services/authority/api_services.h"
#include "services/masad/gathering_options.h"
#include "services/masad/signer_part.h"
#include "services/status/macros.h"

namespace masa::masad {
namespace {

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
      gathering_(desks.resolves, ReadingOptions("resolves")),
      issuing_(desks.vouchers,
               GatheringOptions("orders", kOrdersOfABatch, kMostOrders)),
      devices_(desks.operators, desks.registry, desks.transfers, serving_),
      ownership_(gathering_, desks.watches, serving_),
      vouchers_(desks.operators, issuing_, serving_),
      audit_(desks.operators, desks.audit, desks.verifications, serving_),
      policies_(desks.policies, serving_),
      approvals_(desks.claims, serving_),
      organizations_(desks.groups, serving_),
      groups_(desks.groups, desks.transfers, serving_),
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

ApiListener::~ApiListener() = default;

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

}  // namespace masa::masad
