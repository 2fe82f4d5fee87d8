// The rules of RFC 8995 section 5.5, each a function of its own in a file of
// its own: facts in, OK or a refusal with its reason out. Pure: time and
// verifier are parameters. Requirement rows are cited at each rule.
#ifndef SERVICES_VOUCHER_RULES_H_
#define SERVICES_VOUCHER_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/verifier/verifier.h"
#include "services/voucher/case.h"
#include "services/wire/certificate.h"
#include "services/wire/reception.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_request.h"

namespace masa::voucher {

// RV-01..RV-05, RV-32: the request is signed; the signer's chain is built from
// the enclosed certificates, and its top is an anchor for this request alone.
absl::StatusOr<Registrar> CheckRegistrarSignature(
    const wire::VoucherRequest& request, const Verifier& verifier,
    absl::Time now);

// TR-14, TR-18: the TLS client has the signer's key or a certificate of its
// domain. `peer_chain_der` is leaf first, of which TLS proved the key.
absl::Status CheckTlsClient(const std::vector<std::string>& peer_chain_der,
                            const wire::VoucherRequest& request,
                            const Registrar& registrar,
                            const Verifier& verifier, absl::Time now);

// RV-08..RV-10: id-kp-cmcRA, and no other usage is asked for.
absl::Status CheckCmcRa(const Registrar& registrar);

// RV-18, AMB-12: the product's window into the past, 5 minutes into the future.
// A request without created-on passes.
absl::Status CheckCreatedOn(const wire::VoucherRequest& request,
                            const masa::v1::Product& product, absl::Time now);

// EP-04, EP-14, EP-16: what was forgiven of the encoding is refused with the
// strict code, unless tenant or product `forgives`.
absl::Status CheckForgiven(const wire::Forgiven& forgiven, bool forgives);

// The request inside the request, one level and no further (SE-05).
MaybePrior ReadPrior(const wire::VoucherRequest& request);

// PV-01..PV-03, PV-22: the prior-signed request verifies with an IDevID that
// chains to the tenant's anchors or is the one on record. Empty when the
// registrar sent none and the product does not demand one, and when what it
// sent is an old voucher of ours.
absl::StatusOr<std::optional<PledgeRequest>> CheckPriorSigned(
    const Case& facts, const Verifier& verifier);

// RV-31, AMB-11: the own voucher that stands where the pledge's request
// should. Empty when there is none; the signature tells, never the top key.
std::optional<wire::Voucher> OldVoucherOf(const Case& facts,
                                          const Verifier& verifier);

// Whether the request renews the old voucher that it holds: without nonce, and
// for the domain that the old one pinned. Another domain's voucher is nobody's
// secret and stands for nothing.
bool RenewsOldVoucher(const Case& facts, const wire::Voucher& old);

// RV-28, AMB-13: the key that an earlier nonceless voucher of this device
// pinned for this very domain, as the log or an own voucher shows it; empty
// when the request is no renewal, an owner is on record, or the device is
// RETURNED: then the manufacturer knows that it left that domain.
std::string RenewedPin(const Case& facts, const Verifier& verifier);

// The serial number that an IDevID carries where its product has it (PV-10).
std::optional<std::string> SerialNumberOf(const wire::Certificate& idevid,
                                          const masa::v1::Product& product);

// PV-08, PV-09: one serial number in request, prior request and IDevID.
absl::Status CheckSerialNumber(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge,
                               const masa::v1::Product& product);

// RV-16, AMB-21: the idevid-issuer leaf is the hash of the key in the IDevID
// that is enclosed in the prior-signed request. Looks only; verifies nothing.
bool IsFallbackIssuer(const wire::VoucherRequest& request,
                      const MaybePrior& prior);

// RV-13..RV-17, AMB-21: the idevid-issuer leaf, the IDevID and the record name
// one issuer.
absl::Status CheckIdevidIssuer(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge,
                               const storage::Device& device);

// OP-20: the IDevID is not of an issuer that the tenant blocked. What is not
// known of it counts as blocked.
absl::Status CheckIssuerNotBlocked(const Case& facts,
                                   const std::optional<PledgeRequest>& pledge);

// PV-11, PV-12, PV-14: equal nonces where both have one.
absl::Status CheckNonce(const wire::VoucherRequest& request,
                        const PledgeRequest& pledge);

// PV-05..PV-07, AMB-03: true when the pledge saw this registrar; false when it
// says nothing, or says otherwise and the product downgrades.
absl::StatusOr<bool> CheckProximity(const Case& facts,
                                    const PledgeRequest& pledge,
                                    const Verifier& verifier);

// Whether the pledge speaks BRSKI-PRM, and its product does.
bool IsResponderMode(const Case& facts, const PledgeRequest& pledge);

// PR-02..PR-09, PR-14: true when an agent of this domain stood before the
// pledge; false when the registrar sent no certificate of an agent (PR-07), and
// nothing else is wrong.
absl::StatusOr<bool> CheckAgentProximity(const Case& facts,
                                         const PledgeRequest& pledge,
                                         const Verifier& verifier);

// PR-02, PR-09: a request without the pledge's own does not say that an agent
// stood before the pledge, where the product knows agents.
absl::Status CheckMayLackPledge(const Case& facts);

// PV-23, RV-30: the device may have vouchers at all, and so may the domain.
absl::Status CheckDeviceState(const storage::Device& device);
absl::Status CheckDomainNotBlocked(const storage::OwnershipStanding& standing);

// OW-01, AMB-22: who may have this product's devices. A stranger learns
// nothing that an unknown serial would not tell.
absl::Status CheckOwnership(const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing,
                            bool renewal);

// The part of OW-10 that needs no history: a device that is the first claimer's
// and has an owner on record is that owner's.
absl::Status CheckRecordedOwner(const masa::v1::Product& product,
                                const storage::OwnershipStanding& standing);

// OW-10: no other domain claimed the device first, where the product locks.
absl::Status CheckClaimLock(const Case& facts);
// The same of a domain whose chain has these keys; `history` is newest first.
absl::Status CheckClaimLock(const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing,
                            absl::Span<const storage::IssuedVoucher> history,
                            const std::vector<std::string>& chain_spki_sha256);

// RV-25, SE-13, AMB-26: some other domain got a voucher with this very request
// of the pledge's.
bool IsReused(const std::string& prior_digest,
              absl::Span<const storage::IssuedVoucher> history,
              const Registrar& registrar);

// Some other domain has had a voucher for this device.
bool IsClaimedByAnother(absl::Span<const storage::IssuedVoucher> history,
                        const Registrar& registrar);

// SE-02, AMB-25: no other domain claimed the device a moment ago.
absl::Status CheckClaimInterval(const Case& facts);
absl::Status CheckClaimInterval(
    const masa::v1::Product& product,
    absl::Span<const storage::IssuedVoucher> history,
    const std::vector<std::string>& chain_spki_sha256, absl::Time now);

// SE-01: when the window of the tenant's limit for registrars began in which
// `now` lies. The tenant has such a limit.
absl::Time RegistrarWindow(const masa::v1::Tenant& tenant, absl::Time now);

// SE-01: a registrar with so many `claims` in its window may have one more.
absl::Status CheckRegistrarLimit(const masa::v1::Tenant& tenant, int64_t claims,
                                 absl::Time now);

// TR-18, VI-02, EP-39, OW-04: a request without nonce.
absl::Status CheckNonceless(const wire::VoucherRequest& request,
                            const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing,
                            bool renewal);

// The refusal for a device that is not there, or not there for this caller:
// one sentence for both (AMB-22).
absl::Status DeviceUnknown();

// PN-05: the chain leads to a CA from which anyone gets a certificate.
bool LeadsToPublicCa(const Registrar& registrar,
                     const masa::v1::Tenant& tenant);

// PN-01..PN-07, AMB-05: what the voucher pins, out of the signer's own chain.
// `renewed` is a key to pin again, where a CA's may be pinned, or empty.
absl::StatusOr<Pin> ChoosePin(const Case& facts, const std::string& renewed);

// PV-15..PV-18, AMB-17. `shown` is what the pledge's request proves: proximity,
// agent-proximity, or unspecified.
masa::v1::Assertion ChooseAssertion(const masa::v1::Product& product,
                                    const storage::OwnershipStanding& standing,
                                    masa::v1::Assertion shown);

// VI-04..VI-06, VI-08, VI-09: when a nonceless voucher ends; never, where
// product and owner may have such. kCertificateExpired when that would be now.
absl::StatusOr<std::optional<absl::Time>> ChooseExpiry(const Case& facts,
                                                       const Pin& pin);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_RULES_H_
