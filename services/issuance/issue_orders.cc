#include "services/issuance/issue_orders.h"

#include <map>
#include <tuple>
#include <utility>

#include "services/issuance/voucher_record.h"
#include "services/ownership/onboarding_plans.h"
#include "services/ownership/standing.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/order.h"
#include "services/wire/voucher_request.h"

namespace masa::issuance {
namespace {

// An order on its way.
struct Judged {
  OwnerOrder order;
  const masa::v1::Product* product = nullptr;
  std::optional<storage::Committed> stored;  // of an earlier call
  std::optional<voucher::Verdict> verdict;
  std::string artifact;
};

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

absl::StatusOr<std::optional<storage::Committed>> Earlier(
    const OwnerOrder& order) {
  using MaybeCommitted = std::optional<storage::Committed>;
  const auto& previous = order.device.previous;
  if (!previous) {
    return MaybeCommitted();
  }
  const absl::Status another = Refuse(
      Reason::kRequestIdReused, "request_id was used for another voucher");
  if (!PinsTheSame(order, *previous) || previous->nonce != order.nonce ||
      WholeSeconds(previous->expires_on) != WholeSeconds(order.expires_on)) {
    return another;
  }
  if (!previous->IsKept()) {
    return Refuse(Reason::kRequestIdReused,
                  "the voucher of this request_id is no longer kept; use a "
                  "new one");
  }
  return NamesEstServer(*previous) == order.est_onboarding
             ? absl::StatusOr<MaybeCommitted>(
                   storage::Committed{*previous, true})
             : another;
}

// What the rules say of one order.
class Judge {
 public:
  Judge(const Tools& tools, const RequestContext& context,
        const identity::Principal& caller, absl::Time now)
      : tools_(tools), context_(context), caller_(caller), now_(now) {}

  absl::Status Prepare() {
    MASA_ASSIGN_OR_RETURN(policies_, tools_.policies.Current(context_));
    MASA_ASSIGN_OR_RETURN(tenant_, policies_->TenantNamed(caller_.tenant_id));
    return absl::OkStatus();
  }

  absl::Status Run(Judged& judged) {
    OwnerOrder& order = judged.order;
    MASA_ASSIGN_OR_RETURN(judged.stored, Earlier(order));
    if (judged.stored) {
      return absl::OkStatus();
    }
    MASA_ASSIGN_OR_RETURN(judged.product,
                          policies_->ProductOf(caller_.tenant_id,
                                               order.device.device.product_id));
    MASA_ASSIGN_OR_RETURN(const Pinned pinned, order.est_onboarding
                                                   ? EstServerFor(order)
                                                   : DomainCertFor(order));
    const voucher::Order asked{pinned.certificate,
                               order.nonce,
                               order.expires_on,
                               order.format,
                               caller_.role == identity::Role::kOperator,
                               pinned.est};
    MASA_ASSIGN_OR_RETURN(
        judged.verdict,
        voucher::JudgeOrder(
            {asked, *judged.product, order.device, pinned.standing, now_}));
    judged.verdict->voucher.domain_cert_revocation_checks |=
        order.revocation_checks &&
        !judged.verdict->voucher.pinned_domain_cert_der.empty();
    return absl::OkStatus();
  }

 private:
  // What is to be pinned, and whose it is.
  struct Pinned {
    wire::Certificate certificate;
    storage::OwnershipStanding standing;
    std::optional<voucher::EstServer> est;
  };

  absl::StatusOr<Pinned> DomainCertFor(const OwnerOrder& order) {
    MASA_ASSIGN_OR_RETURN(const wire::Certificate pin,
                          wire::Certificate::Parse(order.pinned_cert_der));
    MASA_ASSIGN_OR_RETURN(const storage::DomainFacts domain, DomainOf(pin));
    return Pinned{pin,
                  ownership::StandingOf(
                      order.device, {pin->spki_sha256}, domain,
                      order.reach.value_or(tenant_->domain_cert_reach()), now_),
                  {}};
  }

  absl::StatusOr<Pinned> EstServerFor(const OwnerOrder& order) {
    const storage::Device& device = order.device.device;
    MASA_ASSIGN_OR_RETURN(const storage::OrganizationTree* tree,
                          TreeOf(device.organization_id));
    MASA_ASSIGN_OR_RETURN(const storage::Onboarding server,
                          ownership::EstServerOf(*tree, device));
    MASA_ASSIGN_OR_RETURN(const wire::Certificate pin,
                          wire::Certificate::Parse(server.est_certificate_der));
    MASA_ASSIGN_OR_RETURN(const storage::DomainFacts domain, DomainOf(pin));
    return Pinned{pin, ownership::StandingOfEstServer(*tree, server, domain),
                  voucher::EstServer{server.est_domain,
                                     server.additional_configuration_url}};
  }

  // An empty one for devices that nobody owns.
  absl::StatusOr<const storage::OrganizationTree*> TreeOf(
      const std::string& organization_id) {
    const auto known = trees_.find(organization_id);
    if (known != trees_.end()) {
      return &known->second;
    }
    MASA_ASSIGN_OR_RETURN(
        std::vector<storage::OrganizationTree> trees,
        tools_.groups.ReadTrees(
            context_,
            {caller_.tenant_id, storage::TreeQuestion::By::kOrganization,
             organization_id}));
    storage::OrganizationTree& tree = trees_[organization_id];
    if (!trees.empty()) {
      tree = std::move(trees.front());
    }
    return &tree;
  }

  // Batches mostly pin one certificate; it is looked up once.
  absl::StatusOr<storage::DomainFacts> DomainOf(const wire::Certificate& pin) {
    const auto known = domains_.find(pin->spki_sha256);
    if (known != domains_.end()) {
      return known->second;
    }
    MASA_ASSIGN_OR_RETURN(
        storage::DomainFacts facts,
        tools_.catalog
            .DomainsOf(context_, {{caller_.tenant_id, {pin->spki_sha256}}})
            .front());
    return domains_.emplace(pin->spki_sha256, std::move(facts)).first->second;
  }

  const Tools& tools_;
  const RequestContext& context_;
  const identity::Principal& caller_;
  const absl::Time now_;
  std::shared_ptr<const PolicySnapshot> policies_;
  const masa::v1::Tenant* tenant_ = nullptr;
  std::map<std::string, storage::DomainFacts> domains_;
  std::map<std::string, storage::OrganizationTree> trees_;  // by organisation
};

// Signs together what one key signs in one form.
absl::Status Sign(const Tools& tools, const RequestContext& context,
                  std::vector<Judged>& judged) {
  using Form = std::tuple<std::string, masa::v1::Format, std::string>;
  std::map<Form, std::vector<Judged*>> batches;
  for (Judged& one : judged) {
    if (one.verdict) {
      std::string& key = one.verdict->signing_key;
      MASA_ASSIGN_OR_RETURN(key, tools.signer.InForce(context, key));
      batches[{key, one.order.format, one.product->product_id()}].push_back(
          &one);
    }
  }
  for (auto& [form_of, batch] : batches) {
    const auto& [key, format, product] = form_of;
    MASA_ASSIGN_OR_RETURN(
        const auto form,
        tools.templates.For(context, key, format, *batch.front()->product));
    std::vector<wire::Voucher> vouchers;
    for (const Judged* one : batch) {
      vouchers.push_back(one->verdict->voucher);
    }
    auto made = MakeVouchers(context, vouchers, *form, tools.signer, key);
    for (size_t i = 0; i < batch.size(); ++i) {
      MASA_ASSIGN_OR_RETURN(batch[i]->artifact, std::move(made[i]));
    }
  }
  return absl::OkStatus();
}

storage::IssuedVoucher RecordFor(const RequestContext& context,
                                 const identity::Principal& caller,
                                 Judged& judged, absl::Time now) {
  storage::IssuedVoucher issued =
      RecordOf(judged.verdict->voucher, judged.order.device.device,
               judged.verdict->pin, now);
  issued.request_digest = judged.order.request_digest;
  issued.format = judged.order.format;
  issued.voucher = std::move(judged.artifact);
  issued.signing_key = judged.verdict->signing_key;
  issued.actor = caller.name;
  issued.request_id = context.request_id;
  return issued;
}

// Nothing is released that is not stored, and nothing at all when one is not.
absl::StatusOr<std::vector<storage::Committed>> Commit(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller, std::vector<Judged>& judged,
    absl::Time now) {
  std::vector<storage::IssuedVoucher> records;
  for (Judged& one : judged) {
    if (one.verdict) {
      records.push_back(RecordFor(context, caller, one, now));
    }
  }
  std::vector<absl::StatusOr<storage::Committed>> stored;
  if (!records.empty()) {
    stored = tools.log.Commit(context, records);
  }
  std::vector<storage::Committed> committed;
  auto next = stored.begin();
  for (Judged& one : judged) {
    if (one.stored) {
      committed.push_back(*std::move(one.stored));
      continue;
    }
    MASA_RETURN_IF_ERROR(next->status());
    committed.push_back(**next++);
  }
  return committed;
}

}  // namespace

absl::StatusOr<std::vector<storage::Committed>> IssueOrders(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller, std::vector<OwnerOrder> orders,
    absl::Span<const std::string> fields) {
  const absl::Time now = tools.clock.Now();
  Judge judge(tools, context, caller, now);
  MASA_RETURN_IF_ERROR(judge.Prepare());
  std::vector<Judged> judged;
  for (size_t i = 0; i < orders.size(); ++i) {
    judged.emplace_back().order = std::move(orders[i]);
    const absl::Status status = judge.Run(judged.back());
    if (!status.ok()) {
      return i < fields.size() ? AtField(status, fields[i]) : status;
    }
  }
  MASA_RETURN_IF_ERROR(Sign(tools, context, judged));
  return Commit(tools, context, caller, judged, now);
}

}  // namespace masa::issuance
