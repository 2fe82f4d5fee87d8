#include "services/voucher/judge.h"

#include "services/status/macros.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/revocation.h"

namespace masa::voucher {
namespace {

using MaybePledge = std::optional<PledgeRequest>;

// The pledge's own word, where the registrar passed it on: proximity,
// agent-proximity, or unspecified.
absl::StatusOr<masa::v1::Assertion> CheckPledge(const Case& facts,
                                                const MaybePledge& pledge,
                                                const Verifier& verifier) {
  MASA_RETURN_IF_ERROR(CheckIssuerNotBlocked(facts, pledge));
  if (!pledge) {
    MASA_RETURN_IF_ERROR(CheckMayLackPledge(facts));
    return masa::v1::ASSERTION_UNSPECIFIED;
  }
  MASA_RETURN_IF_ERROR(
      CheckSerialNumber(facts.request, *pledge, facts.product));
  MASA_RETURN_IF_ERROR(
      CheckIdevidIssuer(facts.request, *pledge, facts.device.device));
  MASA_RETURN_IF_ERROR(CheckNonce(facts.request, *pledge));
  const bool by_agent = IsResponderMode(facts, *pledge);
  MASA_ASSIGN_OR_RETURN(const bool shown,
                        by_agent ? CheckAgentProximity(facts, *pledge, verifier)
                                 : CheckProximity(facts, *pledge, verifier));
  return !shown     ? masa::v1::ASSERTION_UNSPECIFIED
         : by_agent ? masa::v1::ASSERTION_AGENT_PROXIMITY
                    : masa::v1::ASSERTION_PROXIMITY;
}

absl::StatusOr<Verdict> Compose(const Case& facts, masa::v1::Assertion shown,
                                const std::string& renewed) {
  const auto& leaves = facts.request.leaves;
  MASA_ASSIGN_OR_RETURN(Pin pin, ChoosePin(facts, renewed));
  Verdict verdict{
      {},
      pin,
      SigningKeyFor(facts.product, facts.device.device, !leaves.nonce),
      ""};
  wire::Voucher& voucher = verdict.voucher;
  voucher.assertion = ChooseAssertion(facts.product, facts.standing, shown);
  voucher.created_on = facts.now;
  voucher.nonce = leaves.nonce;
  WriteDeviceAndPin(facts.device, pin, facts.product, facts.standing, &voucher);
  MASA_ASSIGN_OR_RETURN(voucher.expires_on, ChooseExpiry(facts, pin));
  return verdict;
}

}  // namespace

absl::StatusOr<Registrar> CheckRegistrar(const wire::VoucherRequest& request,
                                         const Verifier& verifier,
                                         absl::Time now) {
  MASA_ASSIGN_OR_RETURN(Registrar registrar,
                        CheckRegistrarSignature(request, verifier, now));
  MASA_RETURN_IF_ERROR(CheckCmcRa(registrar));
  return registrar;
}

bool AsksForRevocationChecks(const masa::v1::Product& product,
                             const storage::OwnershipStanding& standing) {
  return product.domain_cert_revocation_checks() || standing.revocation_checks;
}

void WriteDeviceAndPin(const storage::DeviceAnswer& device, const Pin& pin,
                       const masa::v1::Product& product,
                       const storage::OwnershipStanding& standing,
                       wire::Voucher* voucher) {
  voucher->serial_number = device.device.serial_number;
  // VL-07: only where the serial alone would not name the device.
  if (device.serial_shared && device.device.idevid_issuer) {
    voucher->idevid_issuer =
        wire::AuthorityKeyIdExtension(*device.device.idevid_issuer);
  }
  switch (pin.form) {
    case Pin::Form::kPubk:
      voucher->pinned_domain_pubk_der = pin.certificate->spki_der;
      return;
    case Pin::Form::kPubkSha256:
      voucher->pinned_domain_pubk_sha256 = pin.certificate->spki_sha256;
      return;
    case Pin::Form::kCertificate:
      voucher->pinned_domain_cert_der = pin.certificate->der;
      voucher->domain_cert_revocation_checks =
          AsksForRevocationChecks(product, standing);
  }
}

absl::StatusOr<Verdict> Judge(const Case& facts, const Verifier& verifier) {
  const std::string renewed = RenewedPin(facts, verifier);
  const bool renewal = !renewed.empty();
  // Who may know of the device comes before anything that tells of it.
  MASA_RETURN_IF_ERROR(CheckOwnership(facts.product, facts.standing, renewal));
  MASA_RETURN_IF_ERROR(
      CheckForgiven(facts.forgiven, facts.product.compatibility()));
  MASA_RETURN_IF_ERROR(CheckDomainNotBlocked(facts.standing));
  MASA_RETURN_IF_ERROR(CheckCreatedOn(facts.request, facts.product, facts.now));
  MASA_RETURN_IF_ERROR(CheckDeviceState(facts.device.device));
  MASA_RETURN_IF_ERROR(
      CheckNonceless(facts.request, facts.product, facts.standing, renewal));
  MASA_RETURN_IF_ERROR(CheckClaimLock(facts));
  MASA_RETURN_IF_ERROR(CheckClaimInterval(facts));
  MASA_ASSIGN_OR_RETURN(const MaybePledge pledge,
                        CheckPriorSigned(facts, verifier));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Assertion shown,
                        CheckPledge(facts, pledge, verifier));
  MASA_RETURN_IF_ERROR(CheckRevocation(facts.revocation, facts.product));
  MASA_ASSIGN_OR_RETURN(Verdict verdict, Compose(facts, shown, renewed));
  verdict.prior_digest = pledge ? wire::DigestOfContent(pledge->request) : "";
  return verdict;
}

}  // namespace masa::voucher
