#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

absl::Status Invalid(absl::string_view what) {
  return Refuse(Reason::kPriorSignedInvalid, what);
}

// PV-03: enclosed by the pledge, else on record.
absl::StatusOr<wire::Certificate> IdevidOf(const wire::VoucherRequest& pledge,
                                           const storage::Device& device) {
  const wire::SignerInfo& signer = pledge.artifact.signers.front();
  if (signer.certificate >= 0) {
    return pledge.artifact.certificates[signer.certificate];
  }
  if (!device.idevid_cert_der.empty()) {
    return wire::Certificate::Parse(device.idevid_cert_der);
  }
  return Invalid("the pledge's IDevID is neither enclosed nor on record");
}

// The key identifier of the IDevID's issuer, where there is one.
using IssuerKeyId = std::optional<std::string>;

absl::StatusOr<IssuerKeyId> CheckIdevid(
    const wire::Certificate& idevid, const wire::VoucherRequest& pledge,
    const masa::v1::Tenant& tenant, const masa::v1::Product& product,
    const storage::Device& device, const Verifier& verifier, absl::Time now) {
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
  for (const wire::Certificate& certificate : pledge.artifact.certificates) {
    question.intermediates_der.push_back(certificate->der);
  }
  question.anchors_der.assign(tenant.idevid_anchors_der().begin(),
                              tenant.idevid_anchors_der().end());
  question.at = now;
  question.ignore_validity = !product.idevid_validity_enforced();
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

}  // namespace

absl::StatusOr<std::optional<PledgeRequest>> CheckPriorSigned(
    const wire::VoucherRequest& request, const masa::v1::Tenant& tenant,
    const masa::v1::Product& product, const storage::Device& device,
    const Verifier& verifier, absl::Time now) {
  const auto& prior = request.leaves.prior_signed_voucher_request;
  if (!prior) {
    if (product.prior_signed_required()) {
      return Refuse(Reason::kPriorSignedRequired,
                    "devices of this product sign their requests; the "
                    "prior-signed-voucher-request is missing");
    }
    return std::optional<PledgeRequest>();
  }
  // RFC 8995 section 5.5: one format inside and outside (EP-22).
  auto pledge = wire::ParseVoucherRequest(request.artifact.format, *prior);
  if (!pledge.ok()) {
    return pledge.status();
  }
  if (pledge->leaves.top_key != wire::TopKey::kVoucherRequest) {
    return Invalid("the prior-signed-voucher-request is not a voucher-request");
  }
  MASA_ASSIGN_OR_RETURN(const wire::Certificate idevid,
                        IdevidOf(*pledge, device));
  const wire::SignerInfo& signer = pledge->artifact.signers.front();
  if (!verifier
           .VerifySignature(signer.algorithm, idevid->spki_der,
                            signer.signed_octets, signer.signature)
           .ok()) {
    return Invalid("the pledge's signature does not verify with its IDevID");
  }
  MASA_ASSIGN_OR_RETURN(
      const IssuerKeyId issuer,
      CheckIdevid(idevid, *pledge, tenant, product, device, verifier, now));
  return std::optional<PledgeRequest>(
      PledgeRequest{*std::move(pledge), idevid, issuer});
}

}  // namespace masa::voucher
