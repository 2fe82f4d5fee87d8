#include "services/issuance/resolve_ownership.h"

#include <map>
#include <memory>
#include <string>

#include "services/ownership/group_access.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/standing.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::issuance {
namespace {

using Trees = std::map<std::string, storage::OrganizationTree>;
using Domains = std::map<std::string, absl::StatusOr<storage::DomainFacts>>;

// What the answers of one call are made of.
struct Facts {
  absl::StatusOr<std::shared_ptr<const PolicySnapshot>> policies;
  absl::StatusOr<Trees> trees;  // those of the account; none of an operator's
  Domains domains;              // by the hash of the key
};

absl::StatusOr<Trees> TreesOf(const Tools& tools, const RequestContext& context,
                              const identity::Principal& caller) {
  Trees trees;
  if (caller.role == identity::Role::kOperator) {
    return trees;
  }
  MASA_ASSIGN_OR_RETURN(
      auto found,
      tools.groups.ReadTrees(
          context,
          {caller.tenant_id, storage::TreeQuestion::By::kAccount, "",
           ownership::ActorOf(caller, /*is_told_of_foreign=*/false).account}));
  for (storage::OrganizationTree& tree : found) {
    std::string id = tree.id();
    trees.emplace(std::move(id), std::move(tree));
  }
  return trees;
}

Domains DomainsOf(const Tools& tools, const RequestContext& context,
                  const std::string& tenant_id,
                  absl::Span<const OwnershipQuestion> questions) {
  Domains domains;
  for (const OwnershipQuestion& question : questions) {
    domains.emplace(question.spki_sha256, storage::DomainFacts());
  }
  std::vector<storage::DomainQuestion> asked;
  for (const auto& [spki_sha256, facts] : domains) {
    if (!spki_sha256.empty()) {
      asked.push_back({tenant_id, {spki_sha256}});
    }
  }
  if (asked.empty()) {
    return domains;
  }
  auto found = tools.catalog.DomainsOf(context, asked);
  for (size_t i = 0; i < asked.size(); ++i) {
    domains.at(asked[i].spki_sha256.front()) = std::move(found[i]);
  }
  return domains;
}

std::vector<absl::StatusOr<storage::DeviceAnswer>> FindAll(
    const Tools& tools, const RequestContext& context,
    const std::string& tenant_id,
    absl::Span<const OwnershipQuestion> questions) {
  std::vector<storage::DeviceQuestion> asked;
  for (const OwnershipQuestion& question : questions) {
    asked.push_back({question.device, ""});
    asked.back().key.tenant_id = tenant_id;
  }
  return tools.devices.Find(context, asked);
}

absl::Status NoSuchDevice() {
  return Refuse(Reason::kDeviceUnknown,
                "there is no such device; where a serial number names several, "
                "idevid_issuer_ski tells them apart");
}

// A customer is not told that several devices have a serial number: they may
// all be others'.
absl::Status AsPublic(const absl::Status& status,
                      const identity::Principal& caller) {
  const Reason reason = ReasonOf(status);
  const bool hides = caller.role != identity::Role::kOperator &&
                     reason == Reason::kDeviceAmbiguous;
  return hides || reason == Reason::kDeviceUnknown ? NoSuchDevice() : status;
}

absl::Status CheckSees(const Facts& facts, const identity::Principal& caller,
                       const storage::Device& device) {
  if (caller.role == identity::Role::kOperator) {
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(facts.trees.status());
  const auto tree = facts.trees->find(device.organization_id);
  const bool sees =
      tree != facts.trees->end() &&
      ownership::CheckMay(tree->second, ownership::ActorOf(caller, false),
                          ownership::PlaceOf(device), ownership::Act::kSee)
          .ok();
  return sees ? absl::OkStatus() : NoSuchDevice();
}

absl::StatusOr<Ownership> Resolve(
    const Facts& facts, const identity::Principal& caller,
    const OwnershipQuestion& question,
    const absl::StatusOr<storage::DeviceAnswer>& found, absl::Time now) {
  if (!found.ok()) {
    return AsPublic(found.status(), caller);
  }
  MASA_RETURN_IF_ERROR(CheckSees(facts, caller, found->device));
  MASA_RETURN_IF_ERROR(facts.policies.status());
  const PolicySnapshot& policies = **facts.policies;
  MASA_ASSIGN_OR_RETURN(
      const masa::v1::Product* product,
      policies.ProductOf(caller.tenant_id, found->device.product_id));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies.TenantNamed(caller.tenant_id));
  const auto& domain = facts.domains.at(question.spki_sha256);
  MASA_RETURN_IF_ERROR(domain.status());
  return DecideOwnership(*found, *domain, question, *tenant, *product, now);
}

// When the owner's certificate ends for its devices, where a time is set.
std::optional<absl::Time> EndOf(const storage::DeviceAnswer& found,
                                const std::string& certificate_der) {
  for (const storage::OwnerCert& cert : found.owner_certs) {
    if (cert.certificate_der == certificate_der) {
      return cert.expires_at;
    }
  }
  return std::nullopt;
}

}  // namespace

Ownership DecideOwnership(const storage::DeviceAnswer& found,
                          const storage::DomainFacts& domain,
                          const OwnershipQuestion& question,
                          const masa::v1::Tenant& tenant,
                          const masa::v1::Product& product, absl::Time now) {
  const storage::OwnershipStanding standing = ownership::StandingOf(
      found, {question.spki_sha256}, domain, tenant.domain_cert_reach(), now);
  Ownership answer;
  answer.device = found.device;
  answer.as_of = now;
  absl::Status may = voucher::CheckDeviceState(found.device);
  may.Update(voucher::CheckDomainNotBlocked(standing));
  // Who asks may know of the device, so this is no renewal in disguise.
  may.Update(voucher::CheckOwnership(product, standing, /*renewal=*/false));
  may.Update(voucher::CheckRecordedOwner(product, standing));
  if (!may.ok()) {
    answer.decision = OwnershipDecision::kDeny;
    answer.reason = std::string(InfoOf(ReasonOf(may)).name);
    return answer;
  }
  answer.decision = standing.is_owner ? OwnershipDecision::kAllow
                                      : OwnershipDecision::kLogOnly;
  answer.reason = standing.is_owner ? "OWNER" : "ANY_DOMAIN";
  if (standing.is_owner) {
    answer.owner_cert_der = standing.owner_cert_der;
    answer.owner_cert_expires_at = EndOf(found, standing.owner_cert_der);
  }
  return answer;
}

std::vector<absl::StatusOr<Ownership>> ResolveOwnerships(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller,
    absl::Span<const OwnershipQuestion> questions) {
  const auto found = FindAll(tools, context, caller.tenant_id, questions);
  const Facts facts = {tools.policies.Current(context),
                       TreesOf(tools, context, caller),
                       DomainsOf(tools, context, caller.tenant_id, questions)};
  const absl::Time now = tools.clock.Now();
  std::vector<absl::StatusOr<Ownership>> answers;
  answers.reserve(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    answers.push_back(Resolve(facts, caller, questions[i], found[i], now));
  }
  return answers;
}

}  // namespace masa::issuance
