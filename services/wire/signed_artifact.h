// A signed message whatever its container (CMS, JWS, COSE): what was signed,
// by whom it says, and the octets a signature check needs.
#ifndef SERVICES_WIRE_SIGNED_ARTIFACT_H_
#define SERVICES_WIRE_SIGNED_ARTIFACT_H_

#include <string>
#include <vector>

#include "proto/masa/v1/policy.pb.h"
#include "services/verifier/verifier.h"
#include "services/wire/certificate.h"

namespace masa::wire {

struct SignerInfo {
  int certificate = -1;  // index into certificates; -1: not enclosed
  SignatureAlgorithm algorithm;
  std::string signed_octets;  // what the signature covers
  std::string signature;
  std::string key_id;  // a JWS's protected kid, as it stands; empty: none
};

// What a CA says of certificates, as sent: nothing is trusted of it yet.
struct RevocationEvidence {
  std::vector<std::string> crls_der;
  std::vector<std::string> ocsp_responses_der;
};

struct SignedArtifact {
  masa::v1::Format format = masa::v1::FORMAT_UNSPECIFIED;
  std::string payload;
  std::vector<Certificate> certificates;  // as sent, at most 16
  std::vector<SignerInfo> signers;        // 1 to 4
  RevocationEvidence evidence;            // enclosed, at most 8 of each
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_SIGNED_ARTIFACT_H_
