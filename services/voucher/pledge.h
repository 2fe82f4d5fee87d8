// The rules of the cloud registrar (draft-ietf-anima-brski-cloud): a device
// that asks for itself proves by its IDevID which one it is, and is told where
// to go. Pure; requirement rows are cited at each rule.
#ifndef SERVICES_VOUCHER_PLEDGE_H_
#define SERVICES_VOUCHER_PLEDGE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

// The certificate that a device showed in the TLS handshake, which proved its
// key.
struct ShownIdevid {
  wire::Certificate certificate;
  // It leads to an IDevID anchor of the tenant, whatever its dates (PV-22).
  bool is_chained = false;
  // The key identifier of its issuer, where the chain shows it and it does not.
  std::optional<std::string> issuer_key_id;
};

// CR-02. `peer_chain_der` is leaf first. kChainInvalid when there is none, or
// its leaf does not parse; whether it is an IDevID of ours stands in the
// answer.
absl::StatusOr<ShownIdevid> ReadIdevid(
    const std::vector<std::string>& peer_chain_der,
    const masa::v1::Tenant& tenant, const Verifier& verifier, absl::Time now);

// The request is signed with the key that TLS proved. kSignatureInvalid.
absl::Status CheckSignedByIdevid(const wire::VoucherRequest& request,
                                 const ShownIdevid& idevid,
                                 const Verifier& verifier);

// The serial numbers that the certificate may stand for (PV-10), the likeliest
// first; at most three.
std::vector<std::string> SerialNumbersIn(const wire::Certificate& idevid);

// RFC 8995 section 5.2, CR-24: what the pledge says that it saw, where it says
// so, is the certificate of this service, of which `own_cert_der` is the one
// that TLS showed; by its key (PV-06). kProximityMismatch.
absl::Status CheckSawUs(const wire::VoucherRequestLeaves& leaves,
                        const std::string& own_cert_der);

// The device on record is the one whose IDevID was shown: by the key that is
// recorded, else by its chain. kChainInvalid for a certificate that proves
// nothing, in which nobody learns what is on record; kPriorSignedInvalid,
// kSerialMismatch, kIssuerMismatch, kCertificateExpired, kDeviceBlocked for an
// issuer that the tenant blocked (OP-20).
absl::Status CheckIsDevice(const ShownIdevid& idevid,
                           const storage::Device& device,
                           const masa::v1::Tenant& tenant,
                           const masa::v1::Product& product, absl::Time now);

// The refusal of a certificate that does not lead to the tenant's anchors: one
// sentence whatever is on record.
absl::Status IdevidIsForeign();

// CR-07: nobody on record has this IDevID. kDeviceUnknown, in words for who has
// no registrar on this face.
absl::Status PledgeUnknown();

// CR-12: where a pledge is sent by a registrar's URL as its owner recorded it,
// a whole https URI: its requestvoucher.
std::string RedirectTo(absl::string_view registrar_url);

// The host of a whole https URI, lower case, without port and brackets.
std::string HostOfUri(absl::string_view uri);

// OP-20 for an IDevID that is at hand, or none.
absl::Status CheckIssuerNotBlocked(
    const masa::v1::Tenant& tenant, const storage::Device& device,
    const std::optional<wire::Certificate>& idevid,
    const std::optional<std::string>& issuer_key_id);

// The IDevID on record; none where there is none, or it does not parse.
std::optional<wire::Certificate> IdevidOnRecord(const storage::Device& device);

// Whether OP-20 looks at more of the device than the issuer on record: at the
// dates of its IDevID, or at who issued it. Otherwise the check is the same
// with the IDevID and without.
bool NeedsIdevid(const masa::v1::Tenant& tenant, const storage::Device& device);

// PV-07: the hash of the key that the pledge saw, by the first leaf there is;
// empty when there is none. kCertMalformed.
absl::StatusOr<std::string> SeenSpkiSha256(
    const wire::VoucherRequestLeaves& leaves);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_PLEDGE_H_
