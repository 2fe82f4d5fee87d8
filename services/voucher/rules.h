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
#include "services/wire/certificate.h"
#include "services/wire/voucher_request.h"
#include "storage/device_store.h"
#include "storage/ownership.h"

namespace masa::voucher {

// Who signed a registrar's request, as far as the request itself proves.
struct Registrar {
  wire::Certificate signer;
  std::vector<wire::Certificate> chain;  // signer first, top last

  std::vector<std::string> SpkiHashes() const;
};

// A pledge's own request, and the IDevID whose key signed it.
struct PledgeRequest {
  wire::VoucherRequest request;
  wire::Certificate idevid;
  // The key identifier of the IDevID's issuer as the verified chain shows it,
  // or as it is on record with the IDevID. For an IDevID that names none.
  std::optional<std::string> issuer_key_id;
};

// RV-01..RV-05, RV-32: the request is signed; the signer's chain is built from
// the enclosed certificates, and its top is an anchor for this request alone.
absl::StatusOr<Registrar> CheckRegistrarSignature(
    const wire::VoucherRequest& request, const Verifier& verifier,
    absl::Time now);

// RV-08..RV-10: id-kp-cmcRA, and no other usage is asked for.
absl::Status CheckCmcRa(const Registrar& registrar);

// RV-18, AMB-12: the product's window into the past, 5 minutes into the future.
// A request without created-on passes.
absl::Status CheckCreatedOn(const wire::VoucherRequest& request,
                            const masa::v1::Product& product, absl::Time now);

// PV-01..PV-03, PV-22: the prior-signed request verifies with an IDevID that
// chains to the tenant's anchors or is the one on record. Empty when the
// registrar sent none and the product does not demand one.
absl::StatusOr<std::optional<PledgeRequest>> CheckPriorSigned(
    const wire::VoucherRequest& request, const masa::v1::Tenant& tenant,
    const masa::v1::Product& product, const storage::Device& device,
    const Verifier& verifier, absl::Time now);

// PV-08, PV-09: one serial number in request, prior request and IDevID.
absl::Status CheckSerialNumber(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge);

// RV-16, AMB-21: the idevid-issuer leaf is the hash of the key in the IDevID
// that is enclosed in the prior-signed request. Looks only; verifies nothing.
bool IsFallbackIssuer(const wire::VoucherRequest& request);

// RV-13..RV-17, AMB-21: the idevid-issuer leaf, the IDevID and the record name
// one issuer.
absl::Status CheckIdevidIssuer(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge,
                               const storage::Device& device);

// PV-11, PV-12, PV-14: equal nonces where both have one.
absl::Status CheckNonce(const wire::VoucherRequest& request,
                        const PledgeRequest& pledge);

// PV-05, PV-06, AMB-03: true when the pledge saw this registrar; false when it
// says nothing, or says otherwise and the product downgrades.
absl::StatusOr<bool> CheckProximity(const wire::VoucherRequest& request,
                                    const PledgeRequest& pledge,
                                    const Registrar& registrar,
                                    const masa::v1::Product& product,
                                    const Verifier& verifier, absl::Time now);

// PV-23, RV-30: the device may have vouchers at all.
absl::Status CheckDeviceState(const storage::Device& device);

// OW-01, AMB-22: who may have this product's devices. A stranger learns
// nothing that an unknown serial would not tell.
absl::Status CheckOwnership(const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing);

// TR-18, VI-02, EP-39, OW-04: a request without nonce.
absl::Status CheckNonceless(const wire::VoucherRequest& request,
                            const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing);

// The refusal for a device that is not there, or not there for this caller:
// one sentence for both (AMB-22).
absl::Status DeviceUnknown();

// PN-01..PN-04, AMB-05: what the voucher pins, out of the signer's own chain.
struct Pin {
  wire::Certificate certificate;
  // SPKI hash of its verified issuer when an end entity is pinned (AMB-13).
  std::string issuer_spki_sha256;
};
absl::StatusOr<Pin> ChoosePin(const Registrar& registrar,
                              const masa::v1::Product& product, bool nonceless,
                              const storage::OwnershipStanding& standing);

// PV-15..PV-18, AMB-17.
masa::v1::Assertion ChooseAssertion(const masa::v1::Product& product,
                                    const storage::OwnershipStanding& standing,
                                    bool proximity);

// VI-04..VI-06, VI-09: when a nonceless voucher ends. kCertExpired when that
// would be now.
absl::StatusOr<absl::Time> ChooseExpiry(const masa::v1::Product& product,
                                        const Registrar& registrar,
                                        const wire::Certificate& pin,
                                        absl::Time now);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_RULES_H_
