#include "services/voucher/judge.h"

#include "services/status/macros.h"
#include "services/voucher/product_policy.h"

namespace masa::voucher {
namespace {

// The pledge's own word, where the registrar passed it on. True: proximity.
absl::StatusOr<bool> CheckPledge(const Case& facts, const Verifier& verifier) {
  MASA_ASSIGN_OR_RETURN(
      const std::optional<PledgeRequest> pledge,
      CheckPriorSigned(facts.request, facts.tenant, facts.product,
                       facts.device.device, verifier, facts.now));
  if (!pledge) {
    return false;
  }
  MASA_RETURN_IF_ERROR(CheckSerialNumber(facts.request, *pledge));
  MASA_RETURN_IF_ERROR(
      CheckIdevidIssuer(facts.request, *pledge, facts.device.device));
  MASA_RETURN_IF_ERROR(CheckNonce(facts.request, *pledge));
  return CheckProximity(facts.request, *pledge, facts.registrar, facts.product,
                        verifier, facts.now);
}

absl::StatusOr<Verdict> Compose(const Case& facts, bool proximity) {
  const auto& leaves = facts.request.leaves;
  const bool nonceless = !leaves.nonce.has_value();
  MASA_ASSIGN_OR_RETURN(const Pin pin, ChoosePin(facts.registrar, facts.product,
                                                 nonceless, facts.standing));
  Verdict verdict{{},
                  pin.certificate,
                  pin.issuer_spki_sha256,
                  SigningKeyFor(facts.product, nonceless)};
  wire::Voucher& voucher = verdict.voucher;
  voucher.assertion = ChooseAssertion(facts.product, facts.standing, proximity);
  voucher.created_on = facts.now;
  voucher.serial_number = leaves.serial_number;
  voucher.nonce = leaves.nonce;
  voucher.pinned_domain_cert_der = pin.certificate->der;
  if (nonceless) {
    MASA_ASSIGN_OR_RETURN(voucher.expires_on,
                          ChooseExpiry(facts.product, facts.registrar,
                                       pin.certificate, facts.now));
  }
  // VL-07: only where the serial alone would not name the device.
  if (facts.device.serial_shared && facts.device.device.idevid_issuer) {
    voucher.idevid_issuer =
        wire::AuthorityKeyIdExtension(*facts.device.device.idevid_issuer);
  }
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

absl::StatusOr<Verdict> Judge(const Case& facts, const Verifier& verifier) {
  // Who may know of the device comes before anything that tells of it.
  MASA_RETURN_IF_ERROR(CheckOwnership(facts.product, facts.standing));
  MASA_RETURN_IF_ERROR(CheckCreatedOn(facts.request, facts.product, facts.now));
  MASA_RETURN_IF_ERROR(CheckDeviceState(facts.device.device));
  MASA_RETURN_IF_ERROR(
      CheckNonceless(facts.request, facts.product, facts.standing));
  MASA_ASSIGN_OR_RETURN(const bool proximity, CheckPledge(facts, verifier));
  return Compose(facts, proximity);
}

}  // namespace masa::voucher
