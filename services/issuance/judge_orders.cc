#include "services/issuance/judge_orders.h"

#include "services/ownership/onboarding_plans.h"
#include "services/ownership/standing.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/pledge.h"
#include "services/wire/voucher_request.h"

namespace masa::issuance {
namespace {

// As a voucher says it.
std::optional<int64_t> WholeSeconds(const std::optional<absl::Time>& time) {
  return time ? std::optional<int64_t>(absl::ToUnixSeconds(*time))
              : std::nullopt;
}

bool NamesEstServer(const storage::IssuedVoucher& issued) {
  const auto artifact =
      wire::ParseVoucherRequest(issued.format, issued.voucher);
  const auto voucher =
      artifact.ok()
          ? wire::ParseVoucherContent(issued.format, artifact->artifact.payload)
          : artifact.status();
  return voucher.ok() && !voucher->est_domain.empty();
}

// An order for the EST server gets the one of then, whatever is on record now.
bool PinsTheSame(const OwnerOrder& order,
                 const storage::IssuedVoucher& previous) {
  const auto pin = wire::Certificate::Parse(order.pinned_cert_der);
  return order.est_onboarding ||
         (pin.ok() && (*pin)->spki_sha256 == previous.pinned_spki_sha256);
}

}  // namespace

absl::StatusOr<storage::Committed> Repeated(
    const OwnerOrder& order, const storage::IssuedVoucher& previous) {
  const absl::Status another = Refuse(
      Reason::kRequestIdReused, "request_id was used for another voucher");
  if (!PinsTheSame(order, previous) || previous.nonce != order.nonce ||
      previous.format != order.format ||
      WholeSeconds(previous.expires_on) != WholeSeconds(order.expires_on)) {
    return another;
  }
  if (!previous.IsKept()) {
    return Refuse(Reason::kRequestIdReused,
                  "the voucher of this request_id is no longer kept; use a "
                  "new one");
  }
  if (NamesEstServer(previous) != order.est_onboarding) {
    return another;
  }
  return storage::Committed{previous, true};
}

void OrderJudge::MeetDomains(absl::Span<const OrderMatter> matters) {
  std::vector<Name> names;
  std::vector<storage::DomainQuestion> questions;
  for (const OrderMatter& matter : matters) {
    if (!matter.fate.ok() || matter.order.est_onboarding) {
      continue;
    }
    const auto pin = PinOf(matter.order.pinned_cert_der);
    if (!pin.ok()) {
      continue;
    }
    Name name(matter.caller->tenant_id, (*pin)->spki_sha256);
    if (domains_.try_emplace(name, absl::UnknownError("unasked")).second) {
      questions.push_back({name.first, {name.second}});
      names.push_back(std::move(name));
    }
  }
  if (questions.empty()) {
    return;
  }
  auto facts = tools_.catalog.DomainsOf(context_, questions);
  for (size_t i = 0; i < names.size(); ++i) {
    domains_.at(names[i]) = std::move(facts[i]);
  }
}

absl::Status OrderJudge::Judge(OrderMatter& matter) {
  const OwnerOrder& order = matter.order;
  if (order.device.previous) {
    MASA_ASSIGN_OR_RETURN(matter.stored,
                          Repeated(order, *order.device.previous));
  }
  MASA_ASSIGN_OR_RETURN(const PolicySnapshot* policies, Policy());
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantNamed(matter.caller->tenant_id));
  MASA_ASSIGN_OR_RETURN(auto idevid, IdevidOf(order.device.device, *tenant));
  MASA_ASSIGN_OR_RETURN(matter.product,
                        policies->ProductOf(matter.caller->tenant_id,
                                            order.device.device.product_id));
  MASA_ASSIGN_OR_RETURN(Pinned pinned, order.est_onboarding
                                           ? EstServerFor(matter)
                                           : DomainCertFor(matter));
  bool& checks = pinned.standing.revocation_checks;
  checks = order.revocation_checks.value_or(checks);
  const voucher::Order asked{pinned.certificate,
                             order.nonce,
                             order.expires_on,
                             order.format,
                             matter.caller->role == identity::Role::kOperator,
                             pinned.est};
  MASA_ASSIGN_OR_RETURN(
      voucher::Verdict verdict,
      voucher::JudgeOrder({asked, *tenant, *matter.product, order.device,
                           pinned.standing, now_, std::move(idevid)}));
  if (matter.stored) {
    return absl::OkStatus();
  }
  matter.verdict = std::move(verdict);
  return absl::OkStatus();
}

absl::StatusOr<OrderJudge::Pinned> OrderJudge::DomainCertFor(
    const OrderMatter& matter) {
  const std::string& tenant_id = matter.caller->tenant_id;
  MASA_ASSIGN_OR_RETURN(const PolicySnapshot* policies, Policy());
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantNamed(tenant_id));
  MASA_ASSIGN_OR_RETURN(const wire::Certificate pin,
                        PinOf(matter.order.pinned_cert_der));
  MASA_ASSIGN_OR_RETURN(const storage::DomainFacts* domain,
                        DomainOf(tenant_id, pin));
  return Pinned{
      pin,
      ownership::StandingOf(matter.order.device, {pin->spki_sha256}, *domain,
                            *tenant, now_, matter.order.reach),
      {}};
}

absl::StatusOr<OrderJudge::Pinned> OrderJudge::EstServerFor(
    const OrderMatter& matter) {
  const std::string& tenant_id = matter.caller->tenant_id;
  const storage::Device& device = matter.order.device.device;
  MASA_ASSIGN_OR_RETURN(const storage::OrganizationTree* tree,
                        TreeOf(tenant_id, device.organization_id));
  MASA_ASSIGN_OR_RETURN(const storage::Onboarding server,
                        ownership::EstServerOf(*tree, device));
  MASA_ASSIGN_OR_RETURN(const wire::Certificate pin,
                        PinOf(server.est_certificate_der));
  MASA_ASSIGN_OR_RETURN(const storage::DomainFacts* domain,
                        DomainOf(tenant_id, pin));
  return Pinned{pin, ownership::StandingOfEstServer(*tree, server, *domain),
                voucher::EstServer{server.est_domain,
                                   server.additional_configuration_url}};
}

absl::StatusOr<std::optional<wire::Certificate>> OrderJudge::IdevidOf(
    const storage::Device& device, const masa::v1::Tenant& tenant) {
  if (!voucher::NeedsIdevid(tenant, device)) {
    return std::optional<wire::Certificate>();
  }
  if (!device.idevid_cert_der.empty()) {
    return voucher::IdevidOnRecord(device);
  }
  // Orders are found without it (storage::ForOrder).
  MASA_ASSIGN_OR_RETURN(
      const storage::DeviceAnswer whole,
      tools_.devices
          .Find(context_, {{{device.tenant_id, device.serial_number,
                             device.idevid_issuer},
                            ""}})
          .front());
  return voucher::IdevidOnRecord(whole.device);
}

absl::StatusOr<const storage::OrganizationTree*> OrderJudge::TreeOf(
    const std::string& tenant_id, const std::string& organization_id) {
  const auto known = trees_.find({tenant_id, organization_id});
  if (known != trees_.end()) {
    return &known->second;
  }
  MASA_ASSIGN_OR_RETURN(
      std::vector<storage::OrganizationTree> trees,
      tools_.groups.ReadTrees(
          context_, {tenant_id, storage::TreeQuestion::By::kOrganization,
                     organization_id}));
  storage::OrganizationTree& tree = trees_[{tenant_id, organization_id}];
  if (!trees.empty()) {
    tree = std::move(trees.front());
  }
  return &tree;
}

absl::StatusOr<wire::Certificate> OrderJudge::PinOf(const std::string& der) {
  auto known = pins_.find(der);
  if (known == pins_.end()) {
    known = pins_.emplace(der, wire::Certificate::Parse(der)).first;
  }
  return known->second;
}

absl::StatusOr<const storage::DomainFacts*> OrderJudge::DomainOf(
    const std::string& tenant_id, const wire::Certificate& pin) {
  Name name(tenant_id, pin->spki_sha256);
  auto known = domains_.find(name);
  if (known == domains_.end()) {
    known =
        domains_
            .emplace(std::move(name),
                     tools_.catalog
                         .DomainsOf(context_, {{tenant_id, {pin->spki_sha256}}})
                         .front())
            .first;
  }
  MASA_RETURN_IF_ERROR(known->second.status());
  return &*known->second;
}

absl::StatusOr<const PolicySnapshot*> OrderJudge::Policy() {
  if (policies_ == nullptr) {
    MASA_ASSIGN_OR_RETURN(policies_, tools_.policies.Current(context_));
  }
  return policies_.get();
}

}  // namespace masa::issuance
