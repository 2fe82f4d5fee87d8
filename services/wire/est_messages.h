// What EST sends besides certificates (RFC 7030 with RFC 8951 and RFC 9908):
// base64 bodies, certs-only CMS, the attributes that a request shall have.
// Pure.
#ifndef SERVICES_WIRE_EST_MESSAGES_H_
#define SERVICES_WIRE_EST_MESSAGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/wire/certification_request.h"

namespace masa::wire {

// The octets of a body of base64 (RFC 8951 section 3): line ends, spaces and
// tabs are passed over. kMalformed for anything else, saying what came instead
// where that can be told: DER, PEM.
absl::StatusOr<std::string> DecodeEstBody(absl::string_view body);

// Base64 in one line with a final line feed; in lines of 64 when `wrapped`, for
// the clients that want it so.
std::string EncodeEstBody(absl::string_view octets, bool wrapped);

// Whether a client of this User-Agent wants its base64 wrapped: libest does,
// and others refuse it.
bool WantsWrappedBase64(absl::string_view user_agent);

// The padded standard base64 of the octets, without line ends.
std::string Base64Of(absl::string_view octets);

// The octets of padded standard base64; kMalformed.
absl::StatusOr<std::string> OctetsOfBase64(absl::string_view text);

// The degenerate SignedData of RFC 5272 section 4.1, in the order given.
std::string EncodeCertsOnly(const std::vector<std::string>& certificates_der);

// What a request shall have.
struct CsrAttributes {
  std::vector<KeyShape> keys;
  bool challenge_password = false;  // proof of possession linked to TLS
  std::vector<std::string> extended_key_usages;  // dotted
  // Whose name the subject is: a device's serialNumber, or a server's DNS
  // names. A template says it (RFC 9908 section 3.4), with the first of `keys`.
  enum class Subject { kUnsaid = 0, kDevice = 1, kServer = 2 };
  Subject subject = Subject::kUnsaid;
  std::string organization = {};  // what the subject's O is; empty: none
};

// CsrAttrs (RFC 9908 section 3): the key types, one extensionRequest attribute,
// the OID of challengePassword; beside them a template for clients that know
// such, except where a challengePassword is wanted.
std::string EncodeCsrAttributes(const CsrAttributes& attributes);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_EST_MESSAGES_H_
