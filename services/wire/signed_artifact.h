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
  // More of which each may be the signer's instead, likeliest first: those that
  // the container does not tell apart, as a bag does not (PV-04).
  std::vector<int> others;
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

// Whether a signer's certificate is rather `a` than `b`: registrars', then
// those that issue nothing, then CAs'; of each the one that ends last, so that
// the order in which they were sent means nothing (RV-02).
bool LikelierSigner(const Certificate& a, const Certificate& b);

// Makes those at `indices` the candidates of `signer`, each certificate once.
void SetCandidates(std::vector<int> indices,
                   const std::vector<Certificate>& certificates,
                   SignerInfo* signer);

// Of which one is the signer's, likeliest first; empty: not enclosed.
std::vector<Certificate> CandidatesFor(const SignerInfo& signer,
                                       const SignedArtifact& artifact);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_SIGNED_ARTIFACT_H_
