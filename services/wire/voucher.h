// A voucher's data (RFC 8366 section 5.3) and its JSON.
#ifndef SERVICES_WIRE_VOUCHER_H_
#define SERVICES_WIRE_VOUCHER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::wire {

struct Voucher {
  masa::v1::Assertion assertion = masa::v1::ASSERTION_UNSPECIFIED;
  absl::Time created_on;  // written in UTC, seconds
  std::optional<absl::Time> expires_on;
  std::string serial_number;
  std::optional<std::string> nonce;          // written as it came (VL-03)
  std::optional<std::string> idevid_issuer;  // whole AKI extnValue (RV-15)
  std::string pinned_domain_cert_der;
  bool domain_cert_revocation_checks = false;  // written only when true
};

// {"ietf-voucher:voucher":{...}}, binary as base64 without line breaks. The
// pin's base64 is passed in so that it is made once per certificate.
std::string EncodeVoucherJson(const Voucher& voucher,
                              absl::string_view pinned_domain_cert_base64);

// Strict reader: kMalformed for anything that EncodeVoucherJson could not have
// meant. Used by the lint, pledges in tests, and operators' tools.
absl::StatusOr<Voucher> ParseVoucherJson(absl::string_view json);

// "proximity" and so on; empty for unspecified.
absl::string_view AssertionName(masa::v1::Assertion assertion);
masa::v1::Assertion AssertionNamed(absl::string_view name);

// The whole AKI extnValue around a keyIdentifier of at most 64 octets:
// 04 18 30 16 80 14 ... for 20 octets (RV-15).
std::string AuthorityKeyIdExtension(absl::string_view key_id);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_VOUCHER_H_
