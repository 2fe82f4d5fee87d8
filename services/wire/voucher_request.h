// One struct for every wire: what a voucher-request says (RFC 8995 section
// 3.4, RFC 8366bis section 9), whoever signed it and in whatever format.
#ifndef SERVICES_WIRE_VOUCHER_REQUEST_H_
#define SERVICES_WIRE_VOUCHER_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/wire/signed_artifact.h"

namespace masa::wire {

enum class TopKey { kVoucherRequest = 1, kVoucher = 2 };

// The leaves. Leaves that a MASA must ignore on input (RV-20) are not here.
struct VoucherRequestLeaves {
  TopKey top_key = TopKey::kVoucherRequest;
  std::optional<masa::v1::Assertion> assertion;
  std::optional<absl::Time> created_on;
  std::string serial_number;                 // never empty
  std::optional<std::string> idevid_issuer;  // keyIdentifier, RV-15
  std::optional<std::string> nonce;          // exactly as written, PV-14
  std::optional<std::string> prior_signed_voucher_request;  // octets
  std::optional<std::string> proximity_registrar_cert_der;
  std::optional<std::string> proximity_registrar_pubk_der;     // SPKI
  std::optional<std::string> proximity_registrar_pubk_sha256;  // 32 octets
  // BRSKI-PRM section 7.
  std::optional<std::string> agent_provided_proximity_registrar_cert_der;
  std::vector<std::string> agent_sign_certs_der;  // end entity first
  std::optional<std::string> agent_signed_data;   // a JWS's text
};

struct VoucherRequest {
  VoucherRequestLeaves leaves;
  SignedArtifact artifact;
  std::string digest;  // SHA-256 of the artifact's octets
};

// By what a pledge's request is known again inside another domain's (RV-25),
// 32 octets: SHA-256 of its content, since the container around that may be
// written anew by anybody. Equal contents without a nonce are not yet one
// request; there the signature counts as well.
std::string DigestOfContent(const VoucherRequest& request);

// The octets of a nonce text: base64, base64url with or without padding, else
// the text itself. For comparing (PV-14).
std::string NonceOctets(absl::string_view nonce);

// Reads the content of a voucher-request or voucher: JSON, or CBOR for COSE.
// kMalformed for duplicate keys (VL-09), a serial-number that is not one
// non-empty string (VL-14), a nonce outside 8..32 octets (PV-13), a prior that
// is not binary (SE-05 leaves it unread). Unknown leaves are ignored (RV-23).
absl::StatusOr<VoucherRequestLeaves> ParseVoucherRequestContent(
    masa::v1::Format format, absl::string_view content);

// Reads a whole request of `format` and hashes it.
absl::StatusOr<VoucherRequest> ParseVoucherRequest(masa::v1::Format format,
                                                   absl::string_view body);

// The same of what stands inside another request; `digest` stays empty.
absl::StatusOr<VoucherRequest> ParseInnerRequest(masa::v1::Format format,
                                                 absl::string_view body);

// The format that an artifact's first octet tells of: unspecified for none.
// For saying what is wrong with one that does not parse; proves nothing.
masa::v1::Format LooksLike(absl::string_view body);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_VOUCHER_REQUEST_H_
