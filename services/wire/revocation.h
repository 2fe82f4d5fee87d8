// What a CA says of its certificates: CRLs (RFC 5280 section 5) and OCSP
// responses (RFC 6960 section 4.2), read and matched. Signatures are not
// checked here. Pure.
#ifndef SERVICES_WIRE_REVOCATION_H_
#define SERVICES_WIRE_REVOCATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"
#include "services/wire/certificate.h"

namespace masa::wire {

// What a signature over an X.509 structure covers, and by which algorithm.
struct X509Signature {
  SignatureAlgorithm algorithm;
  std::string signed_octets;
  std::string signature;
};

struct Crl {
  std::string issuer_der;
  absl::Time this_update;
  std::optional<absl::Time> next_update;
  std::vector<std::string> revoked_serials;  // contents of INTEGERs, sorted
  X509Signature signature;
  // The scope of its issuingDistributionPoint (RFC 5280 section 5.2.5).
  bool only_users = false;
  bool only_cas = false;
  bool has_point = false;
  std::vector<std::string> point_urls;

  bool Lists(const Certificate& certificate) const;
  // Whether the list is about such a certificate at all: one of another scope
  // says nothing by leaving it out.
  bool Covers(const Certificate& certificate) const;
};

// At most 1 MiB. kMalformed for what does not parse; also for what is not a
// whole list: deltas, indirect lists, lists for some reasons only.
absl::StatusOr<Crl> ParseCrl(absl::string_view der);

struct OcspAnswer {
  enum class Status { kGood = 1, kRevoked, kUnknown };
  bool sha1 = true;  // how issuer name and key were hashed; else SHA-256
  std::string issuer_name_hash;
  std::string issuer_key_hash;
  std::string serial;
  Status status = Status::kUnknown;
  absl::Time this_update;
  std::optional<absl::Time> next_update;

  bool IsOf(const Certificate& certificate, const Certificate& issuer) const;
};

struct OcspResponse {
  std::vector<OcspAnswer> answers;
  std::vector<Certificate> certificates;  // responders' own, at most 4
  X509Signature signature;
};

// At most 64 KiB. kMalformed for what does not parse, and for a responder that
// did not answer.
absl::StatusOr<OcspResponse> ParseOcspResponse(absl::string_view der);

// The request for one certificate's state, SHA-1 as every responder knows it.
std::string EncodeOcspRequest(const Certificate& certificate,
                              const Certificate& issuer);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_REVOCATION_H_
