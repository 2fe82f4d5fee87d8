#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

absl::Status Invalid(absl::string_view what) {
  return Refuse(Reason::kPriorSignedInvalid, what);
}

// PV-03: enclosed by the pledge, else on record, else among what the registrar
// enclosed (CO-05). A bag holds two chains, told apart by what verifies and by
// role, never by position (PV-04).
std::vector<wire::Certificate> CandidatesFor(
    const wire::VoucherRequest& request, const wire::VoucherRequest& pledge,
    const storage::Device& device) {
  auto candidates =
      wire::CandidatesFor(pledge.artifact.signers.front(), pledge.artifact);
  const auto recorded = wire::Certificate::Parse(device.idevid_cert_der);
  if (candidates.empty() && recorded.ok()) {
    candidates.push_back(*recorded);
  }
  if (candidates.empty()) {
    for (const wire::Certificate& enclosed : request.artifact.certificates) {
      if (!enclosed->is_ca && !enclosed->has_cmc_ra) {
        candidates.push_back(enclosed);
      }
    }
    std::sort(candidates.begin(), candidates.end(), wire::LikelierSigner);
  }
  return candidates;
}

absl::StatusOr<wire::Certificate> SignerOf(const wire::VoucherRequest& request,
                                           const wire::VoucherRequest& pledge,
                                           const storage::Device& device,
                                           const Verifier& verifier) {
  const auto candidates = CandidatesFor(request, pledge, device);
  if (candidates.empty()) {
    return Invalid("the pledge's IDevID is neither enclosed nor on record");
  }
  const wire::SignerInfo& signer = pledge.artifact.signers.front();
  for (const wire::Certificate& candidate : candidates) {
    if (verifier
            .VerifySignature(signer.algorithm, candidate->spki_der,
                             signer.signed_octets, signer.signature)
            .ok()) {
      return candidate;
    }
  }
  return Invalid("the pledge's signature does not verify with its IDevID");
}

// The key identifier of the IDevID's issuer, where there is one.
using IssuerKeyId = std::optional<std::string>;

absl::StatusOr<IssuerKeyId> CheckIdevid(const wire::Certificate& idevid,
                                        const wire::VoucherRequest& pledge,
                                        const Case& facts,
                                        const Verifier& verifier) {
  const storage::Device& device = facts.device.device;
  if (!device.idevid_cert_der.empty()) {
    const auto recorded = wire::Certificate::Parse(device.idevid_cert_der);
    if (recorded.ok() && (*recorded)->spki_sha256 == idevid->spki_sha256) {
      return device.idevid_issuer;
    }
    return Invalid(
        "the pledge's request is signed with another key than the "
        "one on record for this device");
  }
  ChainQuestion question;
  question.leaf_der = idevid->der;
  for (const wire::VoucherRequest* enclosing : {&pledge, &facts.request}) {
    for (const wire::Certificate& one : enclosing->artifact.certificates) {
      if (one->is_ca) {
        question.intermediates_der.push_back(one->der);
      }
    }
  }
  question.anchors_der.assign(facts.tenant.idevid_anchors_der().begin(),
                              facts.tenant.idevid_anchors_der().end());
  question.at = facts.now;
  question.ignore_validity = !facts.product.idevid_validity_enforced();
  question.asked_once = true;
  const auto verified = verifier.VerifyChain(question);
  if (!verified.ok()) {
    return Invalid("the pledge's IDevID does not chain to this manufacturer");
  }
  if (idevid->authority_key_id || verified->chain_der.size() < 2) {
    return IssuerKeyId();
  }
  MASA_ASSIGN_OR_RETURN(const wire::Certificate issuer,
                        wire::Certificate::Parse(verified->chain_der[1]));
  return issuer->subject_key_id;
}

// RFC 8995 section 5.5: one format inside and outside (EP-22). RV-31: what
// calls itself a voucher and is not ours is a forgery.
absl::Status CheckReadable(const Case& facts) {
  const masa::v1::Format format = facts.request.artifact.format;
  if (!facts.prior->ok()) {
    const masa::v1::Format other =
        wire::LooksLike(*facts.request.leaves.prior_signed_voucher_request);
    return other == masa::v1::FORMAT_UNSPECIFIED || other == format
               ? facts.prior->status()
               : Invalid(
                     "the pledge's request is of another format than the "
                     "registrar's");
  }
  const wire::VoucherRequestLeaves& leaves = (*facts.prior)->leaves;
  // SE-05: who signs a third, and what it would prove, nobody says.
  if (leaves.prior_signed_voucher_request) {
    return Refuse(Reason::kMalformed,
                  "the pledge's request holds a prior-signed-voucher-request "
                  "itself");
  }
  return leaves.top_key == wire::TopKey::kVoucherRequest ||
                 facts.product.compatibility()
             ? absl::OkStatus()
             : Invalid(
                   "the prior-signed-voucher-request is a voucher that this "
                   "MASA did not issue for this device");
}

}  // namespace

MaybePrior ReadPrior(const wire::VoucherRequest& request) {
  const auto& prior = request.leaves.prior_signed_voucher_request;
  return prior ? MaybePrior(
                     wire::ParseInnerRequest(request.artifact.format, *prior))
               : MaybePrior();
}

absl::StatusOr<std::optional<PledgeRequest>> CheckPriorSigned(
    const Case& facts, const Verifier& verifier) {
  const auto old = OldVoucherOf(facts, verifier);
  if (!facts.prior || old) {
    const bool excused = old && RenewsOldVoucher(facts, *old);
    return facts.product.prior_signed_required() && !excused
               ? Refuse(Reason::kPriorSignedRequired,
                        "devices of this product sign their requests; the "
                        "prior-signed-voucher-request is missing")
               : absl::StatusOr<std::optional<PledgeRequest>>(std::nullopt);
  }
  MASA_RETURN_IF_ERROR(CheckReadable(facts));
  const wire::VoucherRequest& pledge = **facts.prior;
  MASA_ASSIGN_OR_RETURN(
      const wire::Certificate idevid,
      SignerOf(facts.request, pledge, facts.device.device, verifier));
  MASA_ASSIGN_OR_RETURN(const IssuerKeyId issuer,
                        CheckIdevid(idevid, pledge, facts, verifier));
  return std::optional<PledgeRequest>(PledgeRequest{pledge, idevid, issuer});
}

}  // namespace masa::voucher
