#include "services/issuance/direct_pledge.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/voucher_record.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/onboarding_plans.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/order.h"
#include "services/wire/media_type.h"
#include "services/wire/pledge_artifact.h"

namespace masa::issuance {
namespace {

using storage::Onboarding;
using storage::OrganizationTree;
// By tenant and organisation.
using Trees = std::map<std::pair<std::string, std::string>,
                       absl::StatusOr<OrganizationTree>>;

absl::Status NobodyKnows(absl::string_view why) {
  return RefuseFor(kAskAgain, Reason::kDeviceNotOwned, why);
}

const absl::StatusOr<OrganizationTree>& TreeOf(const Tools& tools,
                                               const PledgeMatter& matter,
                                               Trees& trees) {
  const storage::Device& device = matter.device->device;
  const auto [known, is_new] =
      trees.try_emplace({device.tenant_id, device.organization_id},
                        absl::StatusOr<OrganizationTree>(OrganizationTree()));
  if (is_new) {
    auto read = tools.groups.ReadTrees(
        matter.call->context,
        {device.tenant_id, storage::TreeQuestion::By::kOrganization,
         device.organization_id});
    if (!read.ok()) {
      known->second = read.status();
    } else if (!read->empty()) {
      known->second = std::move(read->front());
    }
  }
  return known->second;
}

// CR-11, CR-12, CR-31.
absl::Status Redirect(PledgeMatter& matter, const Onboarding& record) {
  if (matter.policies->TenantOfHost(voucher::HostOfUri(record.registrar_url))
          .ok()) {
    return NobodyKnows(
        "the registrar's URL that the owner recorded leads back to this "
        "service; the owner corrects it");
  }
  matter.location = voucher::RedirectTo(record.registrar_url);
  return absl::OkStatus();
}

// AMB-02, EP-22: in the request's format, which the pledge must accept.
absl::Status CheckAccepted(const PledgeMatter& matter) {
  const masa::v1::Format format = matter.reception.format;
  MASA_ASSIGN_OR_RETURN(const auto accepted,
                        wire::FormatsOfAccept(matter.call->accept, format));
  return std::count(accepted.begin(), accepted.end(), format) != 0
             ? absl::OkStatus()
             : Refuse(Reason::kFormatNotForDevice,
                      "the voucher comes in the format of the request, which "
                      "Accept does not name");
}

// RV-24, CR-26: the same request gets the same voucher, while it leads to where
// a new one would.
bool IsStillGood(const storage::IssuedVoucher& previous,
                 const voucher::Verdict& verdict) {
  if (!previous.IsKept() ||
      previous.pinned_spki_sha256 != verdict.pin.certificate->spki_sha256) {
    return false;
  }
  const auto issued = wire::ReadVoucher(previous.format, previous.voucher);
  return issued.ok() && issued->est_domain == verdict.voucher.est_domain &&
         issued->additional_configuration_url ==
             verdict.voucher.additional_configuration_url;
}

voucher::Order OrderFor(const PledgeMatter& matter,
                        const wire::Certificate& pin,
                        const Onboarding& server) {
  return {pin,
          matter.request->leaves.nonce,
          std::nullopt,
          matter.reception.format,
          false,
          voucher::EstServer{server.est_domain,
                             server.additional_configuration_url}};
}

// CR-13..CR-18.
absl::Status JudgeEstVoucher(const Tools& tools, PledgeMatter& matter,
                             const OrganizationTree& tree,
                             const Onboarding& server, absl::Time now) {
  const wire::VoucherRequestLeaves& leaves = matter.request->leaves;
  if (!leaves.nonce) {
    return Refuse(Reason::kNonceRequired,
                  "a device that asks for itself sends a nonce");
  }
  MASA_ASSIGN_OR_RETURN(const wire::Certificate pin,
                        wire::Certificate::Parse(server.est_certificate_der));
  MASA_ASSIGN_OR_RETURN(
      const storage::DomainFacts domain,
      tools.catalog
          .DomainsOf(matter.call->context,
                     {{matter.tenant->tenant_id(), {pin->spki_sha256}}})
          .front());
  const voucher::Order order = OrderFor(matter, pin, server);
  if (const absl::Status may_pin =
          voucher::CheckOrderedPin(order, *matter.tenant, *matter.product);
      !may_pin.ok()) {
    return NobodyKnows(may_pin.message());  // no fault of the device's
  }
  const auto standing = ownership::StandingOfEstServer(tree, server, domain);
  auto judged = voucher::JudgeOrder({order, *matter.tenant, *matter.product,
                                     *matter.device, standing, now,
                                     matter.idevid->certificate});
  if (ReasonOf(judged.status()) == Reason::kCertExpired) {
    return NobodyKnows(judged.status().message());  // no fault of the device's
  }
  MASA_ASSIGN_OR_RETURN(voucher::Verdict verdict, std::move(judged));
  MASA_RETURN_IF_ERROR(CheckAccepted(matter));
  auto& previous = matter.device->previous;
  if (previous && IsStillGood(*previous, verdict)) {
    matter.voucher = std::move(previous->voucher);
    return absl::OkStatus();
  }
  matter.verdict = std::move(verdict);
  return absl::OkStatus();
}

absl::Status Direct(const Tools& tools, PledgeMatter& matter, Trees& trees,
                    absl::Time now) {
  const storage::Device& device = matter.device->device;
  const wire::VoucherRequest& request = *matter.request;
  MASA_RETURN_IF_ERROR(voucher::CheckIdevidIssuer(
      request,
      {request, matter.idevid->certificate, matter.idevid->issuer_key_id},
      device));
  MASA_RETURN_IF_ERROR(voucher::CheckCreatedOn(request, *matter.product, now));
  MASA_RETURN_IF_ERROR(voucher::CheckDeviceState(device));
  if (device.organization_id.empty()) {
    return NobodyKnows("the owner of this device is not known yet");
  }
  const absl::StatusOr<OrganizationTree>& tree = TreeOf(tools, matter, trees);
  MASA_RETURN_IF_ERROR(tree.status());
  const auto record =
      ownership::OnboardingIn(*tree, ownership::PlaceOf(device));
  if (!record) {
    return NobodyKnows(
        "the owner of this device has not said yet where it belongs");
  }
  return record->est_domain.empty()
             ? Redirect(matter, *record)
             : JudgeEstVoucher(tools, matter, *tree, *record, now);
}

storage::IssuedVoucher RecordFor(PledgeMatter& matter, absl::Time now) {
  const voucher::Verdict& verdict = *matter.verdict;
  const auto& previous = matter.device->previous;
  storage::IssuedVoucher issued =
      RecordOf(verdict.voucher, matter.device->device, *matter.product,
               verdict.pin, now);
  issued.request_digest = matter.request->digest;
  issued.generation = previous ? previous->generation + 1 : 0;
  issued.format = matter.reception.format;
  issued.voucher = std::move(matter.voucher);
  issued.signing_key = verdict.signing_key;
  // RV-25: the same request is no other domain's afterwards.
  issued.prior_digest = wire::DigestOfContent(*matter.request);
  issued.actor = absl::StrCat(
      "device:",
      absl::BytesToHexString(matter.idevid->certificate->spki_sha256));
  issued.request_id = matter.call->context.request_id;
  return issued;
}

// Signs together what one key signs in one form.
void Sign(const Tools& tools, PledgeMatters& matters) {
  using Form = std::shared_ptr<const wire::VoucherTemplate>;
  std::map<std::pair<std::string, Form>, std::vector<PledgeMatter*>> turns;
  ForEachOpenRequest(matters, [&](PledgeMatter& one) {
    if (!one.verdict) {
      return absl::OkStatus();
    }
    const RequestContext& context = one.call->context;
    std::string& key = one.verdict->signing_key;
    MASA_ASSIGN_OR_RETURN(key, tools.signer.InForce(context, key));
    MASA_ASSIGN_OR_RETURN(
        Form form,
        tools.templates.For(context, key, one.reception.format, *one.product));
    turns[{key, std::move(form)}].push_back(&one);
    return absl::OkStatus();
  });
  const RequestContext context = SharedContext(matters);
  for (auto& [turn, of] : turns) {
    std::vector<wire::Voucher> vouchers;
    for (const PledgeMatter* one : of) {
      vouchers.push_back(one->verdict->voucher);
    }
    auto made =
        MakeVouchers(context, vouchers, *turn.second, tools.signer, turn.first);
    for (size_t i = 0; i < of.size(); ++i) {
      of[i]->fate = made[i].status();
      if (made[i].ok()) {
        of[i]->voucher = *std::move(made[i]);
      }
    }
  }
}

// If the process stops behind it, the vouchers are stored and were never
// released; the pledges' retries find them.
void Commit(const Tools& tools, PledgeMatters& matters, absl::Time now) {
  std::vector<storage::IssuedVoucher> records;
  std::vector<PledgeMatter*> of;
  ForEachOpenRequest(matters, [&](PledgeMatter& one) {
    if (one.verdict) {
      records.push_back(RecordFor(one, now));
      of.push_back(&one);
    }
    return absl::OkStatus();
  });
  if (records.empty()) {
    return;
  }
  auto committed = tools.log.Commit(SharedContext(matters), records);
  for (size_t i = 0; i < of.size(); ++i) {
    of[i]->fate = committed[i].status();
    if (committed[i].ok()) {
      of[i]->voucher = std::move(committed[i]->voucher.voucher);
    }
  }
}

}  // namespace

void DirectPledges(const Tools& tools, PledgeMatters& matters, absl::Time now) {
  Trees trees;
  ForEachOpenRequest(matters, [&](PledgeMatter& one) {
    return Direct(tools, one, trees, now);
  });
}

void IssueToPledges(const Tools& tools, PledgeMatters& matters,
                    absl::Time now) {
  Sign(tools, matters);
  Commit(tools, matters, now);
  ForEachOpenRequest(matters, [](PledgeMatter& one) {
    if (one.reception.format == masa::v1::FORMAT_COSE_CBOR &&
        !one.voucher.empty()) {
      MASA_ASSIGN_OR_RETURN(one.voucher, wire::WithoutUnprotected(one.voucher));
    }
    return absl::OkStatus();
  });
}

}  // namespace masa::issuance
