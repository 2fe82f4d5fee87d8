#include "services/issuance/decide.h"

#include <algorithm>
#include <utility>

#include "services/issuance/approval.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/wire/media_type.h"

namespace masa::issuance {
namespace {

// AMB-02, EP-22: the voucher comes in the request's format, which the pledge
// must understand and the registrar must accept.
absl::Status CheckFormat(const RegistrarCall& call, masa::v1::Format format,
                         const masa::v1::Product& product) {
  MASA_ASSIGN_OR_RETURN(
      const auto accepted,
      wire::FormatsOfAccept(call.accept, format, product.compatibility()));
  const auto has = [format](const auto& formats) {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  };
  if (!has(product.formats()) || !has(accepted)) {
    return Refuse(Reason::kFormatNotForDevice,
                  "devices of this product do not understand the format that "
                  "was asked for");
  }
  return absl::OkStatus();
}

bool StillGood(const std::optional<storage::IssuedVoucher>& previous,
               absl::Time now) {
  return previous && previous->IsKept() &&
         (!previous->expires_on || *previous->expires_on > now);
}

// False for a stranger to whom the device is as good as unknown: for such no
// work is done that an unknown device would not cause (AMB-22).
bool MayKnow(const masa::v1::Product& product,
             const storage::OwnershipStanding& standing) {
  return standing.registered_domain ||
         product.ownership() != masa::v1::OWNERSHIP_RULE_REQUIRED;
}

// Whether a rule looks at the device's earlier vouchers.
bool NeedsHistory(const wire::VoucherRequest& request,
                  const masa::v1::Product& product,
                  const storage::OwnershipStanding& standing) {
  const bool renewal = !request.leaves.nonce && !standing.owner_recorded;
  return MayKnow(product, standing) &&
         (renewal || voucher::LooksAtClaims(product));
}

bool MayHoldOldVoucher(const voucher::MaybePrior& prior) {
  return prior && prior->ok() &&
         (*prior)->leaves.top_key == wire::TopKey::kVoucher;
}

absl::StatusOr<voucher::OwnChains> ReadOwnChains(const Tools& tools,
                                                 const Matter& matter) {
  voucher::OwnChains chains;
  if (!MayHoldOldVoucher(matter.heard->prior) ||
      !MayKnow(*matter.product, matter.subject->standing)) {
    return chains;
  }
  for (const std::string& name : voucher::SigningKeysOf(*matter.product)) {
    MASA_ASSIGN_OR_RETURN(auto versions,
                          tools.signer.Published(matter.call->context, name));
    for (signing::PublishedVersion& version : versions) {
      chains.push_back(std::move(version.chain_der));
    }
  }
  return chains;
}

absl::StatusOr<voucher::Verdict> Judge(const Tools& tools, const Matter& matter,
                                       absl::Time now) {
  const Heard& heard = *matter.heard;
  const Subject& subject = *matter.subject;
  absl::StatusOr<History> history{History()};
  if (NeedsHistory(heard.request, *matter.product, subject.standing)) {
    MASA_ASSIGN_OR_RETURN(history, ReadHistory(tools, matter));
  }
  MASA_ASSIGN_OR_RETURN(const voucher::OwnChains own_chains,
                        ReadOwnChains(tools, matter));
  return voucher::Judge(
      {heard.request, heard.prior, heard.registrar, *heard.tenant,
       *matter.product, subject.device, subject.standing, now, *history,
       own_chains, !matter.call->tls_peer_chain_der.empty(),
       heard.reception.forgiven, heard.revocation},
      tools.verifier);
}

// AMB-26: what the pledge's request did not show to be proximity, though it
// could, may be another domain's: refused where ownership is required, logged
// with an alert elsewhere.
absl::Status CheckReuse(const Tools& tools, Matter& matter) {
  voucher::Verdict& verdict = *matter.verdict;
  const masa::v1::Assertion assertion = verdict.voucher.assertion;
  if (verdict.prior_digest.empty() ||
      assertion == masa::v1::ASSERTION_PROXIMITY ||
      assertion == masa::v1::ASSERTION_AGENT_PROXIMITY) {
    return absl::OkStatus();
  }
  const voucher::Registrar& registrar = matter.heard->registrar;
  MASA_ASSIGN_OR_RETURN(const History history,
                        ReadHistory(tools, matter, verdict.prior_digest));
  if (voucher::IsClaimedByAnother(history, registrar)) {
    matter.alerts.push_back(Alert::kClaimedByAnotherDomain);
  }
  if (!voucher::IsReused(verdict.prior_digest, history, registrar)) {
    return absl::OkStatus();
  }
  if (matter.product->ownership() == masa::v1::OWNERSHIP_RULE_REQUIRED) {
    return Refuse(Reason::kPriorSignedInvalid,
                  "another domain got a voucher with this very request of the "
                  "pledge's; the pledge makes a new one");
  }
  matter.alerts.push_back(Alert::kPriorReused);
  verdict.voucher.assertion = masa::v1::ASSERTION_LOGGED;
  return absl::OkStatus();
}

}  // namespace

absl::Status MeetProduct(Matter& matter) {
  MASA_ASSIGN_OR_RETURN(matter.product,
                        matter.heard->policies->ProductOf(
                            matter.heard->tenant->tenant_id(),
                            matter.subject->device.device.product_id));
  return absl::OkStatus();
}

absl::StatusOr<History> ReadHistory(const Tools& tools, const Matter& matter,
                                    const std::string& prior_digest) {
  const storage::Device& device = matter.subject->device.device;
  return tools.log.ReadForRules(
      matter.call->context,
      {device.bucket, device.device_id, matter.heard->registrar.SpkiHashes(),
       prior_digest});
}

absl::Status Decide(const Tools& tools, Matter& matter, absl::Time now) {
  MASA_RETURN_IF_ERROR(MeetProduct(matter));
  MASA_ASSIGN_OR_RETURN(voucher::Verdict verdict, Judge(tools, matter, now));
  MASA_RETURN_IF_ERROR(CheckFormat(
      *matter.call, matter.heard->request.artifact.format, *matter.product));
  // RV-24, AL-28: the same request gets the same voucher while it is good.
  auto& previous = matter.subject->device.previous;
  if (StillGood(previous, now)) {
    matter.voucher = std::move(previous->voucher);
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(voucher::CheckRegistrarLimit(
      *matter.heard->tenant, matter.subject->claims, now));
  matter.verdict = std::move(verdict);
  MASA_RETURN_IF_ERROR(CheckReuse(tools, matter));
  return CheckApproved(matter.call->context, *matter.product,
                       ClaimOf(matter.subject->device.device, *matter.verdict,
                               matter.heard->request.digest, now),
                       tools.claims);
}

}  // namespace masa::issuance
