#include "services/masad/certificates_last.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/files.h"
#include "services/testing/test_pki.h"

namespace masa::masad {
namespace {

class CertificatesLast : public ::testing::Test {
 protected:
  // A chain's file, which ends so long after now.
  std::string Chain(const std::string& name, absl::Duration left) {
    testing::CertificateSpec spec;
    spec.common_name = name;
    spec.not_before = now_ - absl::Hours(100);
    spec.not_after = now_ + left;
    const std::string path = ::testing::TempDir() + "/" + name + ".pem";
    EXPECT_TRUE(testing::WriteFile(path,
                                   testing::MakeIdentity(spec).CertificatePem(),
                                   testing::FileMode::kPublic)
                    .ok());
    return path;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
  const std::string good_ = Chain("good", absl::Hours(1));
  const std::string ended_ = Chain("ended", -absl::Seconds(1));
};

TEST_F(CertificatesLast, OneThatEndedIsNamedWithItsFile) {
  EXPECT_TRUE(CheckCertificatesLast({{"api", good_}}, now_).ok());
  const absl::Status status =
      CheckCertificatesLast({{"api", good_}, {"internal", ended_}}, now_);
  EXPECT_EQ(ReasonOf(status), Reason::kMisconfigured);
  for (const std::string& part :
       {std::string("for internal ended at 2026-09-21T14:13:19Z"), ended_}) {
    EXPECT_TRUE(absl::StrContains(status.message(), part)) << status;
  }
  EXPECT_FALSE(
      CheckCertificatesLast({{"api", good_}}, now_ + absl::Hours(1)).ok());
}

TEST_F(CertificatesLast, OneHostOfManyMayBeForgotten) {
  EXPECT_TRUE(
      CheckCertificatesLast({{"edge:a", ended_}, {"edge:b", good_}}, now_)
          .ok());
  EXPECT_TRUE(
      CheckCertificatesLast({{"edge:a", good_}, {"edge:b", ended_}}, now_)
          .ok());
  const absl::Status status =
      CheckCertificatesLast({{"edge:a", ended_}, {"edge:b", ended_}}, now_);
  EXPECT_TRUE(absl::StrContains(status.message(), "edge:a")) << status;
}

TEST_F(CertificatesLast, WhatOperatorsOrNobodyReadsIsNoFault) {
  EXPECT_TRUE(CheckCertificatesLast({{"admin", ended_}}, now_).ok());
  EXPECT_TRUE(
      CheckCertificatesLast({{"api", "/nowhere/chain.pem"}}, now_).ok());
  EXPECT_TRUE(CheckCertificatesLast({}, now_).ok());
}

}  // namespace
}  // namespace masa::masad
