// What must hold for each parser of this room, whatever the octets. Each
// function stops the process when it does not. The libFuzzer targets and the
// ordinary test call the same functions.
#ifndef SERVICES_WIRE_FUZZ_PROPERTIES_H_
#define SERVICES_WIRE_FUZZ_PROPERTIES_H_

#include "absl/strings/string_view.h"

namespace masa::wire {

// What parses can be built again, and reads the same.
void CheckCms(absl::string_view octets);

// What parses is the input, and has a domain id.
void CheckCertificate(absl::string_view octets);

// What the small reader takes, encodes and reads back to the same voucher.
void CheckVoucherJson(absl::string_view octets);

// What the small reader takes, the library takes, and both say the same; and
// what the library takes keeps the limits.
void CheckVoucherRequestJson(absl::string_view octets);

// The reader of JSON says what nlohmann's library says: of leaves, of the JSON
// of a JWS, and of its protected header.
void CheckJson(absl::string_view octets);

// As of vouchers in JSON, of CBOR: encoding is the identity on what was
// encoded.
void CheckVoucherCbor(absl::string_view octets);
void CheckVoucherRequestCbor(absl::string_view octets);

// What parses has a signer, and each signer's certificate is there; who looks
// ahead into a JWS sees all of them.
void CheckJws(absl::string_view octets);
void CheckCose(absl::string_view octets);

// What parses as a token says of whom, for whom and by which key, and is signed
// over its own octets; what parses as a set has keys that can be named.
void CheckJwt(absl::string_view octets);

// What parses names a device.
void CheckAgentSignedData(absl::string_view octets);

// What parses has what the rules look for.
void CheckCrl(absl::string_view octets);
void CheckOcsp(absl::string_view octets);

// What strangers send to EST, to the OCSP responder and to the cloud registrar
// (stranger_properties.cc); what is refused is malformed, and nothing else.
// What parses is the input, and its parts stand in it.
void CheckCertificationRequest(absl::string_view octets);
// Encoding, then decoding, is the identity.
void CheckEstBody(absl::string_view octets);
// What parses can be answered, and the answer is about what was asked.
void CheckOcspRequest(absl::string_view octets);
// What parses keeps its limits, and reads the same when it is written again.
void CheckPledgeStatus(absl::string_view octets);
// Taking away twice is taking away once.
void CheckPledgeArtifact(absl::string_view octets);

// What is forgiven is a superset of what is right, and reads the same.
void CheckReception(absl::string_view octets);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_FUZZ_PROPERTIES_H_
