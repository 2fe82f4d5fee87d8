#include "services/signing/guard/guarded_key_maker.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"

namespace masa::signing {
namespace {

const absl::Time kEvening = absl::FromCivil(
    absl::CivilSecond(2026, 11, 26, 23, 0, 0), absl::UTCTimeZone());

// Makes and destroys whatever it is asked for, and says how often.
class WillingMaker final : public KeyMaker {
 public:
  absl::StatusOr<std::vector<KeySlot>> Slots(const RequestContext&,
                                             const std::string&) override {
    return std::vector<KeySlot>(1);
  }
  absl::StatusOr<KeyDescription> Create(const RequestContext&,
                                        const std::string&, const KeyName&,
                                        SignatureAlgorithm) override {
    ++made;
    return KeyDescription();
  }
  absl::StatusOr<KeyDescription> Import(const RequestContext&,
                                        const std::string&, const KeyName&,
                                        const std::string&) override {
    ++made;
    return KeyDescription();
  }
  absl::Status Destroy(const RequestContext&, const std::string&,
                       const KeyName&) override {
    ++destroyed;
    return absl::OkStatus();
  }

  int made = 0;
  int destroyed = 0;
};

class GuardedKeyMakers : public ::testing::Test {
 protected:
  absl::Status Make(const std::string& key) {
    return maker_
        .Create({}, "acme", {key, ++version_},
                SignatureAlgorithm::kEcdsaP256Sha256)
        .status();
  }
  absl::Status Take(const std::string& key) {
    return maker_.Import({}, "acme", {key, ++version_}, "pem").status();
  }
  absl::Status Destroy() { return maker_.Destroy({}, "acme", {"k", 3}); }

  int32_t version_ = 0;
  absl::StatusOr<std::string> list_ = "";
  WillingMaker willing_;
  testing::FakeClock clock_{kEvening};
  StoppedKeys stopped_{[this] { return list_; }};
  GuardedKeyMaker maker_{willing_, clock_, &stopped_};
};

// OP-13: whoever has captured an authority fills no HSM.
TEST_F(GuardedKeyMakers, MakeSoManyVersionsOfAKeyInADay) {
  for (int i = 0; i < kMostMadeInADay; ++i) {
    EXPECT_TRUE((i % 2 == 0 ? Make("k") : Take("k")).ok()) << i;
  }
  EXPECT_EQ(ReasonOf(Make("k")), Reason::kQuotaExceeded);
  EXPECT_EQ(ReasonOf(Take("k")), Reason::kQuotaExceeded);
  EXPECT_EQ(willing_.made, kMostMadeInADay);
  EXPECT_TRUE(Make("other").ok());
  clock_.Advance(-absl::Hours(24));
  EXPECT_EQ(ReasonOf(Make("k")), Reason::kQuotaExceeded);
  clock_.Advance(absl::Hours(25));
  EXPECT_TRUE(Make("k").ok());
  EXPECT_TRUE(maker_.Slots({}, "acme").ok());
}

// ADR 0042: nor does it destroy what signs, nor anything that those beside the
// signer have not named.
TEST_F(GuardedKeyMakers, DestroyWhatTheSignersOwnListNames) {
  const struct {
    const char* list;
    bool destroys;
  } rows[] = {{"", false},
              {"k\n", false},
              {"k@2\nk@33\nother@3\n", false},
              {"# k@3\n", false},
              {"k@3 # asked for on Monday\n", true}};
  for (const auto& row : rows) {
    list_ = row.list;
    clock_.Advance(absl::Seconds(1));
    const absl::Status status = Destroy();
    EXPECT_EQ(status.ok(), row.destroys) << row.list;
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), Reason::kStateNotAllowed);
      EXPECT_NE(status.message().find("k@3"), std::string::npos) << status;
    }
  }
  EXPECT_EQ(willing_.destroyed, 1);
  list_ = absl::NotFoundError("gone");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOf(Destroy()), Reason::kSignerUnavailable);
}

TEST_F(GuardedKeyMakers, DestroyNothingWithoutAList) {
  GuardedKeyMaker maker(willing_, clock_, nullptr);
  EXPECT_EQ(ReasonOf(maker.Destroy({}, "acme", {"k", 3})),
            Reason::kStateNotAllowed);
  EXPECT_EQ(willing_.destroyed, 0);
}

}  // namespace
}  // namespace masa::signing
