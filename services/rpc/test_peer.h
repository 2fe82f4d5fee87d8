// Who stands at both ends of a connection in these tests.
#ifndef SERVICES_RPC_TEST_PEER_H_
#define SERVICES_RPC_TEST_PEER_H_

#include "absl/time/clock.h"
#include "services/testing/test_pki.h"

namespace masa::rpc {

// Its own issuer, of this machine's address, for an hour.
inline testing::Identity OwnPeer() {
  testing::CertificateSpec spec;
  spec.common_name = "localhost";
  spec.subject_alternative_names = {"IP:127.0.0.1"};
  spec.is_ca = true;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  return testing::MakeIdentity(spec);
}

}  // namespace masa::rpc

#endif  // SERVICES_RPC_TEST_PEER_H_
