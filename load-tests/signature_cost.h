// What BoringSSL's own calls take on this machine, one thread, CPU time.
#ifndef LOAD_TESTS_SIGNATURE_COST_H_
#define LOAD_TESTS_SIGNATURE_COST_H_

namespace masa {

struct SignatureCost {
  double sign_seconds = 0;    // one ECDSA_sign
  double verify_seconds = 0;  // one ECDSA_verify
};

// P-256 over a SHA-256 digest: the median of several rounds.
SignatureCost MeasureP256();

}  // namespace masa

#endif  // LOAD_TESTS_SIGNATURE_COST_H_
