// What the rules read and what they answer with: values only.
#ifndef SERVICES_VOUCHER_CASE_H_
#define SERVICES_VOUCHER_CASE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/wire/certificate.h"
#include "services/wire/reception.h"
#include "services/wire/voucher_request.h"
#include "storage/device_store.h"
#include "storage/issuance_log.h"
#include "storage/ownership.h"

namespace masa::voucher {

// Who signed a registrar's request, as far as the request itself proves.
struct Registrar {
  wire::Certificate signer;
  std::vector<wire::Certificate> chain;  // signer first, top last
  // The chain leads to a CA that the tenant lists as public.
  bool is_public = false;

  // The certificates whose keys speak for the domain: the chain, or the
  // signer's alone below a public CA, whose others are strangers (PN-05).
  absl::Span<const wire::Certificate> Domain() const;
  // SHA-256 of the SPKI of each of these.
  std::vector<std::string> SpkiHashes() const;
};

// A pledge's own request, which the case holds, and the IDevID whose key signed
// it.
struct PledgeRequest {
  const wire::VoucherRequest& request;
  wire::Certificate idevid;
  // The key identifier of the IDevID's issuer as the verified chain shows it,
  // or as it is on record with the IDevID. For an IDevID that names none.
  std::optional<std::string> issuer_key_id;
};

// Chains of the keys that signed vouchers of a product, signer first.
using OwnChains = std::vector<std::vector<std::string>>;

// The prior-signed-voucher-request as it parses, or the refusal when it does
// not; none when the request has no such leaf.
using MaybePrior = std::optional<absl::StatusOr<wire::VoucherRequest>>;

// A certificate with its issuer of which nothing fresh is at hand, though it
// names where to ask.
struct Unproven {
  wire::Certificate certificate;
  wire::Certificate issuer;
};

// What the evidence says of a registrar's chain.
struct RevocationState {
  bool revoked = false;
  std::vector<Unproven> unproven;
  // The top of what was sent names where to ask too, but not whom: its issuer
  // is not there, so no word on it can be told from a forged one.
  bool is_cut_short = false;
  // Until when the fresh evidence holds (VI-05); none without evidence.
  std::optional<absl::Time> until;
};

// Everything that is read; references live as long as the call.
struct Case {
  const wire::VoucherRequest& request;
  const MaybePrior& prior;
  const Registrar& registrar;
  const masa::v1::Tenant& tenant;
  const masa::v1::Product& product;
  const storage::DeviceAnswer& device;
  const storage::OwnershipStanding& standing;
  absl::Time now;
  // The device's vouchers, newest first; read where a rule needs them.
  absl::Span<const storage::IssuedVoucher> history;
  // Read where the request holds what may be an old voucher.
  OwnChains own_chains_der;
  bool mutual_tls = false;  // the registrar showed a certificate
  wire::Forgiven forgiven;
  RevocationState revocation;
};

// What a voucher pins.
struct Pin {
  enum class Form { kCertificate = 1, kPubk, kPubkSha256 };
  wire::Certificate certificate;  // whose key is pinned, if not itself
  Form form = Form::kCertificate;
  // SPKI hash of its verified issuer when an end entity is pinned (AMB-13).
  std::string issuer_spki_sha256;

  // RFC 8995 section 5.8.2; a raw key's is its hash (PN-13, AMB-14).
  std::string DomainId() const;
};

// Whether this voucher was issued to the registrar's domain: by key, never by
// a key identifier (PN-14, PN-15, AMB-13).
bool IssuedTo(const storage::IssuedVoucher& issued, const Registrar& registrar);
// The same by the hashes of a chain's keys, the registrar's first.
bool IssuedTo(const storage::IssuedVoucher& issued,
              const std::vector<std::string>& chain_spki_sha256);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_CASE_H_
