// A voucher's data (RFC 8366 section 5.3, RFC 8366bis) in JSON and CBOR.
#ifndef SERVICES_WIRE_VOUCHER_H_
#define SERVICES_WIRE_VOUCHER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/wire/known_parts.h"

namespace masa::wire {

// A voucher without a nonce that lives for longer is as good as one that never
// ends, and is for those alone who may have such (AMB-01).
inline constexpr absl::Duration kLongestLifetime = absl::Hours(24 * 365 * 10);

struct Voucher {
  masa::v1::Assertion assertion = masa::v1::ASSERTION_UNSPECIFIED;
  absl::Time created_on;  // written in UTC, seconds
  std::optional<absl::Time> expires_on;
  std::string serial_number;
  std::optional<std::string> nonce;          // written as it came (VL-03)
  std::optional<std::string> idevid_issuer;  // whole AKI extnValue (RV-15)
  // Exactly one of the three pins is set (PN-08).
  std::string pinned_domain_cert_der;
  std::string pinned_domain_pubk_der;          // SPKI
  std::string pinned_domain_pubk_sha256;       // 32 octets
  bool domain_cert_revocation_checks = false;  // written only when true
  // Where the owner's EST server is and what else it configures: whole https
  // URIs (CR-14); empty: absent.
  std::string est_domain;
  std::string additional_configuration_url;
};

// {"ietf-voucher:voucher":{...}}, binary as base64 without line breaks. The
// pinned certificate's base64 is passed in so that it is made once.
std::string EncodeVoucherJson(const Voucher& voucher,
                              absl::string_view pinned_domain_cert_base64);

// {2451: {...}}, or with YANG's names as keys when `names` (VL-10);
// deterministic (VL-13), enums as integers (CO-13), a nonce as its octets.
std::string EncodeVoucherCbor(const Voucher& voucher, bool names);

// Strict readers: kMalformed for anything that the encoders could not have
// meant. Used by pledges in tests, operators' tools, and for JSON the lint. A
// certificate that `known_pin` has is not decoded again; another, it learns.
absl::StatusOr<Voucher> ParseVoucherJson(absl::string_view json,
                                         KnownBase64* known_pin = nullptr);
absl::StatusOr<Voucher> ParseVoucherCbor(absl::string_view octets);

// As above for what EncodeVoucherCbor wrote, and for nothing else: kMalformed
// unless each head is the shortest and keys ascend. Small, for the lint; a
// fuzzer holds it against ParseVoucherCbor.
absl::StatusOr<Voucher> ReadBackVoucherCbor(absl::string_view octets);

// The one of the first two that reads the content of a voucher of `format`.
absl::StatusOr<Voucher> ParseVoucherContent(masa::v1::Format format,
                                            absl::string_view content);

// "proximity" and so on; empty for unspecified.
absl::string_view AssertionName(masa::v1::Assertion assertion);
masa::v1::Assertion AssertionNamed(absl::string_view name);

// YANG's enum value, 0 for verified and so on (CO-13); unspecified for others.
masa::v1::Assertion AssertionNumbered(uint64_t number);

// The whole AKI extnValue around a keyIdentifier of at most 64 octets:
// 04 18 30 16 80 14 ... for 20 octets (RV-15).
std::string AuthorityKeyIdExtension(absl::string_view key_id);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_VOUCHER_H_
