// The JSON of a JWS in General Serialization (RFC 7515 section 7.2.1) and of
// its protected header, read strictly. Used inside this room only.
#ifndef SERVICES_WIRE_JWS_JSON_H_
#define SERVICES_WIRE_JWS_JSON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

struct JwsSignatureText {
  std::string protected_header;                // base64url, as it stands
  std::string signature;                       // base64url
  std::vector<std::string> unprotected_names;  // of the parameters beside it
};

struct JwsEnvelope {
  std::string payload;  // base64url, as it stands
  std::vector<JwsSignatureText> signatures;
};

// kMalformed for anything but an object with a payload string and an array of
// one or more signatures, each with protected header and signature (JW-01), for
// duplicate names at any depth (JW-10), and for members of the flattened
// serialization beside the signatures (RFC 7515 section 7.2.2). Of unprotected
// headers the names are read.
absl::StatusOr<JwsEnvelope> ReadJwsEnvelope(absl::string_view json);

struct JwsHeader {
  std::optional<std::string> alg;
  std::optional<std::string> typ;
  std::optional<std::string> kid;
  std::vector<std::string> x5c;  // as they stand
  bool has_crit = false;
};

// kMalformed for anything but an object whose alg, typ and kid, where present,
// are strings and whose x5c is an array of strings; duplicate names included.
absl::StatusOr<JwsHeader> ReadJwsHeader(absl::string_view json);

// Whether the object `json` has a member of one of these names; false for what
// is no object.
bool HasMember(absl::string_view json, const std::vector<std::string>& names);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JWS_JSON_H_
