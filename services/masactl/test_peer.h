// Who stands at both ends of a connection in these tests, and files for it.
#ifndef SERVICES_MASACTL_TEST_PEER_H_
#define SERVICES_MASACTL_TEST_PEER_H_

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/testing/test_pki.h"

namespace masa::masactl {

// A CA without `ca`, else what it certified for this machine's address; for an
// hour.
inline testing::Identity Peer(const testing::Identity* ca) {
  testing::CertificateSpec spec;
  spec.common_name = "x";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.is_ca = ca == nullptr;
  if (ca != nullptr) {
    spec.subject_alternative_names = {"IP:127.0.0.1"};
  }
  return testing::MakeIdentity(spec, ca);
}

// The path of a new file with this text.
inline std::string FileOf(const std::string& name, const std::string& text) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/", name);
  std::ofstream(path) << text;
  return path;
}

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_TEST_PEER_H_
