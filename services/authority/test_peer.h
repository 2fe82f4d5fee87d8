// The two ends of a test's gRPC channel: certificates of today, because gRPC
// has no other clock.
#ifndef SERVICES_AUTHORITY_TEST_PEER_H_
#define SERVICES_AUTHORITY_TEST_PEER_H_

#include <string>

#include "absl/time/clock.h"
#include "services/testing/test_pki.h"

namespace masa::authority {

// An end entity of `ca` at `san` and on the loopback; without one, a CA.
inline testing::Identity Peer(const std::string& san,
                              const testing::Identity* ca) {
  testing::CertificateSpec spec;
  spec.common_name = "x";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.is_ca = ca == nullptr;
  if (ca != nullptr) {
    spec.subject_alternative_names = {san, "IP:127.0.0.1"};
  }
  return testing::MakeIdentity(spec, ca);
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_PEER_H_
