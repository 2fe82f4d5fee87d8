// Chains under hot keys. Every question is put to BoringVerifier too, and to a
// HotKeyVerifier with nobody behind it: what that one accepts, it accepts by
// itself. All must agree, on the first asking and on later ones.
#ifndef SERVICES_VERIFICATION_TEST_HOT_CHAIN_H_
#define SERVICES_VERIFICATION_TEST_HOT_CHAIN_H_

#include <string>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/hot_key_verifier.h"

namespace masa::verification {

inline absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 3, 0, 0),
                         absl::UTCTimeZone());
}

inline testing::CertificateSpec Spec(
    const std::string& name, bool is_ca,
    testing::KeyKind key = testing::KeyKind::kP256) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Now() - absl::Hours(24);
  spec.not_after = Now() + absl::Hours(24);
  spec.is_ca = is_ca;
  spec.key = key;
  return spec;
}

inline testing::CertificateSpec DeviceSpec() {
  testing::CertificateSpec spec = Spec("a device", false);
  spec.subject_serial_number = "SN-1";
  spec.masa_url = "masa.example.com";
  spec.subject_alternative_names = {"DNS:device.example.com"};
  spec.not_after = Now() + absl::Hours(12);
  return spec;
}

class NobodyBehind final : public Verifier {
 public:
  absl::Status VerifySignature(SignatureAlgorithm, absl::string_view,
                               absl::string_view,
                               absl::string_view) const override {
    return Refuse(Reason::kSignatureInvalid, "nobody was to be asked");
  }
  absl::StatusOr<VerifiedChain> VerifyChain(
      const ChainQuestion&) const override {
    return Refuse(Reason::kChainInvalid, "nobody was to be asked");
  }
};

class HotChain : public ::testing::Test {
 protected:
  static constexpr HotKeyLimits kLimits{.tables = 64, .earned_after = 1};

  // Whether the chain holds, for all three.
  bool Holds(const ChainQuestion& question) {
    const auto expected = boring_.VerifyChain(question);
    for (const HotKeyVerifier* asked : {&alone_, &hot_}) {
      const auto chain = asked->VerifyChain(question);
      EXPECT_EQ(chain.ok(), expected.ok())
          << chain.status() << " instead of " << expected.status();
      if (chain.ok() && expected.ok()) {
        EXPECT_EQ(chain->chain_der, expected->chain_der);
        EXPECT_EQ(chain->not_after, expected->not_after);
      } else if (asked == &hot_) {
        EXPECT_EQ(chain.status(), expected.status());
      }
    }
    return expected.ok();
  }

  const testing::Identity root_ = testing::MakeIdentity(Spec("root", true));
  const testing::Identity ca_ = testing::MakeIdentity(Spec("ca", true), &root_);
  const testing::Identity device_ = testing::MakeIdentity(DeviceSpec(), &ca_);

 private:
  const NobodyBehind nobody_{};
  const BoringVerifier boring_{};
  const HotKeyVerifier alone_{nobody_, kLimits};
  const HotKeyVerifier hot_{boring_, kLimits};
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_TEST_HOT_CHAIN_H_
