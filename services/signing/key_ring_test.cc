// Which version signs when, and which chain a key may have.
#include "services/signing/key_ring.h"

#include <optional>

#include "gtest/gtest.h"
#include "services/signing/key_chain.h"
#include "services/signing/private_key.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/certificate.h"

namespace masa::signing {
namespace {

storage::KeyVersion Version(int32_t number, std::optional<int> from,
                            std::optional<int> until = std::nullopt) {
  storage::KeyVersion version;
  version.key = "k";
  version.version = number;
  const auto at = [](int seconds) { return Now() + absl::Seconds(seconds); };
  if (from) {
    version.not_before = at(*from);
  }
  if (until) {
    version.retired_at = at(*until);
  }
  return version;
}

TEST(KeyRing, TheActiveVersionThatBeganLastSigns) {
  const struct {
    const char* what;
    std::vector<storage::KeyVersion> versions;
    int32_t in_force;  // -1: none
  } rows[] = {
      {"no record", {}, 0},
      {"none has begun", {Version(1, 1), Version(2, std::nullopt)}, 0},
      {"it begins at its very moment", {Version(1, 0)}, 1},
      {"the newer takes over", {Version(1, -9), Version(2, -1)}, 2},
      {"by time, not by number", {Version(1, -1), Version(2, -9)}, 1},
      {"of two at once the higher number", {Version(1, -1), Version(2, -1)}, 2},
      {"a retired one steps back", {Version(1, -9), Version(2, -5, 0)}, 1},
      {"not before its time", {Version(1, -9), Version(2, -5, 1)}, 2},
      {"back to the configuration's", {Version(1, -9, -1)}, 0},
      {"that one is retired", {Version(0, std::nullopt, -1)}, -1},
      {"that one will be", {Version(0, std::nullopt, 1)}, 0},
      {"all are", {Version(0, std::nullopt, -1), Version(1, -9, -1)}, -1},
  };
  for (const auto& row : rows) {
    const auto found = KeyRing(row.versions).InForce("k", Now());
    if (row.in_force < 0) {
      EXPECT_EQ(ReasonOf(found.status()), Reason::kKeyUnknown) << row.what;
      continue;
    }
    ASSERT_TRUE(found.ok()) << row.what << found.status();
    EXPECT_EQ(found->version, row.in_force) << row.what;
  }
}

TEST(KeyRing, KeysAreApart) {
  storage::KeyVersion other = Version(7, -1);
  other.key = "l";
  const KeyRing ring({Version(1, -1), other});
  EXPECT_EQ(ring.InForce("k", Now())->version, 1);
  EXPECT_EQ(ring.InForce("l", Now())->version, 7);
  EXPECT_EQ(ring.InForce("m", Now())->version, 0);
  EXPECT_EQ(ring.VersionsOf("l").size(), 1u);
  EXPECT_EQ(ring.Keys(), (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(ring.Find({"l", 1}), nullptr);
}

class KeyChain : public ::testing::Test {
 protected:
  static Identity Certified(const Identity* by, bool is_ca, int begins = -1,
                            int ends = 1) {
    testing::CertificateSpec spec;
    spec.common_name = is_ca ? "root" : "signer";
    spec.not_before = Now() + absl::Hours(begins);
    spec.not_after = Now() + absl::Hours(ends);
    spec.is_ca = is_ca;
    return testing::MakeIdentity(spec, by);
  }

  Reason ReasonFor(const std::vector<std::string>& chain,
                   const Identity& key) const {
    const absl::Status status =
        CheckKeyChain(chain, SpkiDerOf(key.key.get()), Now(), verifier_);
    return status.ok() ? Reason::kInternal : ReasonOf(status);
  }

  const verification::BoringVerifier verifier_{};
  const Identity root_ = Certified(nullptr, true);
  const Identity signer_ = Certified(&root_, false);
};

TEST_F(KeyChain, GoesFromTheKeyToItsAnchor) {
  const std::string leaf = signer_.CertificateDer();
  const std::string root = root_.CertificateDer();
  // Another root of the same name, which did not sign.
  const std::string stranger = Certified(nullptr, true).CertificateDer();
  EXPECT_EQ(ReasonFor({leaf, root}, signer_), Reason::kInternal);
  EXPECT_EQ(ReasonFor({leaf}, signer_), Reason::kInternal);
  EXPECT_EQ(ReasonFor({}, signer_), Reason::kCertMalformed);
  EXPECT_EQ(ReasonFor({"garbage"}, signer_), Reason::kCertMalformed);
  EXPECT_EQ(ReasonFor(std::vector<std::string>(9, leaf), signer_),
            Reason::kCertMalformed);
  EXPECT_EQ(ReasonFor({leaf, root}, root_), Reason::kInvalidArgument);
  EXPECT_EQ(ReasonFor({root, leaf}, root_), Reason::kInvalidArgument);
  EXPECT_EQ(ReasonFor({leaf, stranger}, signer_), Reason::kInvalidArgument);
}

TEST_F(KeyChain, IsValidWhenItBegins) {
  const Identity early = Certified(&root_, false, 1, 2);
  const Identity late = Certified(&root_, false, -2, -1);
  EXPECT_EQ(ReasonFor({early.CertificateDer()}, early),
            Reason::kInvalidArgument);
  EXPECT_EQ(ReasonFor({late.CertificateDer()}, late), Reason::kCertExpired);
}

TEST_F(KeyChain, EndsWithItsFirstCertificateToEnd) {
  const Identity shorter = Certified(&root_, false, -1, 0);
  EXPECT_EQ(NotAfterOf({shorter.CertificateDer(), root_.CertificateDer()}),
            Now());
  EXPECT_EQ(NotAfterOf({}), absl::InfiniteFuture());
}

}  // namespace
}  // namespace masa::signing
