// Labels and algorithm numbers of COSE (RFC 9052, 9053, 9360, 9597, 8812).
// Used inside this room only.
#ifndef SERVICES_WIRE_COSE_LABELS_H_
#define SERVICES_WIRE_COSE_LABELS_H_

#include <cstdint>

#include "services/verifier/verifier.h"

namespace masa::wire {

constexpr uint64_t kCoseSign1Tag = 18;
constexpr int64_t kCoseAlg = 1;
constexpr int64_t kCoseCrit = 2;
constexpr int64_t kCoseKid = 4;
constexpr int64_t kCoseCwtClaims = 15;
constexpr int64_t kCoseX5Bag = 32;
constexpr int64_t kCoseX5Chain = 33;
constexpr int64_t kCwtIssuedAt = 6;
constexpr char kCoseContext[] = "Signature1";

struct CoseAlgorithm {
  int64_t number;
  SignatureAlgorithm algorithm;
  size_t octets;  // of an ECDSA or Ed25519 signature; 0 for RSA
  bool is_ecdsa;
};

constexpr CoseAlgorithm kCoseAlgorithms[] = {
    {-7, SignatureAlgorithm::kEcdsaP256Sha256, 64, true},
    {-35, SignatureAlgorithm::kEcdsaP384Sha384, 96, true},
    {-8, SignatureAlgorithm::kEd25519, 64, false},
    {-257, SignatureAlgorithm::kRsaPkcs1Sha256, 0, false},
    {-258, SignatureAlgorithm::kRsaPkcs1Sha384, 0, false},
    {-259, SignatureAlgorithm::kRsaPkcs1Sha512, 0, false},
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_COSE_LABELS_H_
