#include "services/issuance/resolve_ownership.h"

#include <memory>
#include <string>
#include <utility>

#include "services/issuance/account_sights.h"
#include "services/issuance/check_ien.h"
#include "services/ownership/standing.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/judge.h"
#include "services/voucher/pledge.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::issuance {
namespace {

using Found = absl::StatusOr<storage::StandingFacts>;
using Claims = std::vector<storage::IssuedVoucher>;

// An item on its way: what each step has made of it, for the next.
struct Item {
  AskedOwnership asked;
  Found found;
  const masa::v1::Tenant* tenant = nullptr;
  const masa::v1::Product* product = nullptr;
  storage::OwnershipStanding standing = {};
  absl::Status fate = absl::OkStatus();
  absl::StatusOr<Claims> claims = Claims();
  std::optional<wire::Certificate> idevid = {};  // where a rule looks at it
};

std::vector<Item> FindAll(const ResolveTools& tools,
                          const RequestContext& context,
                          absl::Span<const AskedOwnership> asked) {
  std::vector<storage::StandingQuestion> questions;
  questions.reserve(asked.size());
  for (const AskedOwnership& one : asked) {
    questions.push_back({one.question->device, one.question->spki_sha256});
    questions.back().key.tenant_id = one.caller->tenant_id;
  }
  auto found = tools.standings.ReadStandings(context, questions);
  std::vector<Item> items;
  items.reserve(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    items.push_back({asked[i], std::move(found[i])});
  }
  return items;
}

absl::Status MeetPolicies(const PolicySnapshot& policies, absl::Time now,
                          Item& item) {
  const std::string& tenant_id = item.asked.caller->tenant_id;
  const storage::Device& device = item.found->found.device;
  MASA_ASSIGN_OR_RETURN(item.product,
                        policies.ProductOf(tenant_id, device.product_id));
  MASA_ASSIGN_OR_RETURN(item.tenant, policies.TenantNamed(tenant_id));
  item.standing = ownership::StandingOf(item.found->found,
                                        {item.asked.question->spki_sha256},
                                        item.found->domain, *item.tenant, now);
  return absl::OkStatus();
}

absl::Status Meet(
    const absl::StatusOr<std::shared_ptr<const PolicySnapshot>>& policies,
    AccountSights& sights, absl::Time now, Item& item) {
  if (!item.found.ok()) {
    return AsPublic(item.found.status(), *item.asked.caller);
  }
  MASA_RETURN_IF_ERROR(sights.CheckMay(
      *item.asked.caller, item.found->found.device, ownership::Act::kSee));
  MASA_RETURN_IF_ERROR(policies.status());
  return MeetPolicies(**policies, now, item);
}

// Whether a rule looks at claims of the device.
bool NeedsClaims(const storage::OwnershipStanding& standing,
                 const masa::v1::Product& product) {
  return product.has_claim_interval() ||
         (product.ownership() == masa::v1::OWNERSHIP_RULE_FIRST_CLAIM &&
          !standing.is_owner);
}

void ReadClaims(const ResolveTools& tools, const RequestContext& context,
                std::vector<Item>& items) {
  std::vector<Item*> open;
  std::vector<storage::ClaimsQuestion> questions;
  for (Item& item : items) {
    if (item.fate.ok() && NeedsClaims(item.standing, *item.product)) {
      const storage::Device& device = item.found->found.device;
      open.push_back(&item);
      questions.push_back(
          {device.bucket, device.device_id, item.asked.question->spki_sha256});
    }
  }
  if (open.empty()) {
    return;
  }
  auto claims = tools.standings.ReadClaims(context, questions);
  for (size_t i = 0; i < open.size(); ++i) {
    open[i]->claims = std::move(claims[i]);
  }
}

// Standings are read without IDevIDs.
void ReadIdevids(const ResolveTools& tools, const RequestContext& context,
                 std::vector<Item>& items) {
  std::vector<Item*> open;
  std::vector<storage::DeviceQuestion> questions;
  for (Item& item : items) {
    if (!item.fate.ok()) {
      continue;
    }
    const storage::Device& device = item.found->found.device;
    if (voucher::NeedsIdevid(*item.tenant, device)) {
      open.push_back(&item);
      questions.push_back(
          {{device.tenant_id, device.serial_number, device.idevid_issuer}, ""});
    }
  }
  if (open.empty()) {
    return;
  }
  const auto found = tools.devices.Find(context, questions);
  for (size_t i = 0; i < open.size(); ++i) {
    open[i]->fate.Update(found[i].status());
    if (found[i].ok()) {
      open[i]->idevid = voucher::IdevidOnRecord(found[i]->device);
    }
  }
}

// A domain's key is its registrar's own, or that of what its registrars chain
// to: claims, where there are any, are compared with both.
std::vector<std::string> ChainOf(
    const OwnershipQuestion& question,
    absl::Span<const storage::IssuedVoucher> claims) {
  return claims.empty() ? std::vector<std::string>()
                        : std::vector<std::string>(2, question.spki_sha256);
}

// `device` is the item's.
absl::Status CheckMayHave(const Item& item, const storage::Device& device,
                          absl::Time now) {
  const storage::OwnershipStanding& standing = item.standing;
  const Claims& claims = *item.claims;
  const masa::v1::Product& product = *item.product;
  // Who asks may know of the device, so this is no renewal in disguise.
  MASA_RETURN_IF_ERROR(
      voucher::CheckOwnership(product, standing, /*renewal=*/false));
  MASA_RETURN_IF_ERROR(voucher::CheckDomainNotBlocked(standing));
  MASA_RETURN_IF_ERROR(voucher::CheckDeviceState(device));
  MASA_RETURN_IF_ERROR(voucher::CheckIssuerNotBlocked(
      *item.tenant, device, item.idevid, std::nullopt));
  const std::vector<std::string> chain = ChainOf(*item.asked.question, claims);
  MASA_RETURN_IF_ERROR(
      voucher::CheckClaimLock(product, standing, claims, chain));
  return voucher::CheckClaimInterval(product, claims, chain, now);
}

const char* ReasonToAllow(const storage::OwnershipStanding& standing,
                          absl::Span<const storage::IssuedVoucher> claims,
                          const masa::v1::Product& product) {
  if (standing.is_owner) {
    return "OWNER";
  }
  const bool claimed =
      product.ownership() == masa::v1::OWNERSHIP_RULE_FIRST_CLAIM &&
      !claims.empty();
  return claimed ? "FIRST_CLAIMER" : "ANY_DOMAIN";
}

// What the rules of issuance say, without a registrar's request at hand. Asked
// once: the answer takes what was found.
Ownership Decide(Item& item, absl::Time now) {
  const storage::OwnershipStanding& standing = item.standing;
  const masa::v1::Product& product = *item.product;
  Ownership answer;
  answer.device = std::move(item.found->found.device);
  answer.as_of = now;
  const absl::Status may = CheckMayHave(item, answer.device, now);
  if (!may.ok()) {
    // Who asks knows of the device; what strangers hear of it says less.
    const Reason reason = ReasonOf(may) == Reason::kDeviceUnknown
                              ? Reason::kRegistrarNotAuthorized
                              : ReasonOf(may);
    answer.reason = std::string(InfoOf(reason).name);
    return answer;
  }
  answer.decision = standing.is_owner ? OwnershipDecision::kAllow
                                      : OwnershipDecision::kLogOnly;
  answer.reason = ReasonToAllow(standing, *item.claims, product);
  answer.assertion = voucher::ChooseAssertion(product, standing,
                                              masa::v1::ASSERTION_UNSPECIFIED);
  answer.revocation_checks =
      voucher::AsksForRevocationChecks(product, standing);
  if (standing.is_owner) {
    answer.owner_cert =
        std::move(item.found->found.owner_certs[standing.owner_cert]);
  }
  return answer;
}

}  // namespace

std::vector<absl::StatusOr<Ownership>> ResolveOwnerships(
    const ResolveTools& tools, const RequestContext& context,
    absl::Span<const AskedOwnership> asked) {
  const absl::Time now = tools.clock.Now();
  const auto policies = tools.policies.Current(context);
  std::vector<Item> items = FindAll(tools, context, asked);
  AccountSights sights(tools.groups, context);
  for (Item& item : items) {
    item.fate = CheckIen(tools.policies, context, item.asked.caller->tenant_id,
                         item.asked.question->device.ien);
    if (item.fate.ok()) {
      item.fate = Meet(policies, sights, now, item);
    }
  }
  ReadIdevids(tools, context, items);
  ReadClaims(tools, context, items);
  std::vector<absl::StatusOr<Ownership>> answers;
  answers.reserve(items.size());
  for (Item& item : items) {
    item.fate.Update(item.claims.status());
    item.fate.ok() ? answers.emplace_back(Decide(item, now))
                   : answers.emplace_back(item.fate);
  }
  return answers;
}

}  // namespace masa::issuance
