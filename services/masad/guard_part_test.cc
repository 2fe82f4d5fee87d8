#include "services/masad/guard_part.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

// Signs whatever it is given.
class YesSigner final : public signing::Signer {
 public:
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext&, const std::string&,
      absl::Span<const signing::ToBeSigned> items) override {
    return std::vector<absl::StatusOr<std::string>>(items.size(), "signature");
  }
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext&, const std::string& key) override {
    if (key == "mistyped") {
      return Refuse(Reason::kKeyUnknown, "there is no such key");
    }
    signing::KeyDescription description;
    description.name = key;
    return description;
  }
};

class GuardPartTest : public ::testing::Test {
 protected:
  GuardPartTest() {
    std::string name = ::testing::TempDir() + "/guard.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    setup_.folder = name;
    std::filesystem::create_directory(setup_.folder + "/budget");
    auto* const limit = setup_.config.mutable_signer()->add_limits();
    limit->set_key("k");
    limit->set_signatures_per_day(2);
    setup_.config.mutable_signer()->set_budget_folder("budget");
    setup_.config.mutable_signer()->set_stopped_keys_file("stopped");
    Stop("");
  }
  ~GuardPartTest() override { std::filesystem::remove_all(setup_.folder); }

  void Stop(const std::string& keys) {
    std::ofstream(setup_.folder + "/stopped") << keys;
  }

  // "OK", or the reason of the refusal.
  std::string Ask(GuardPart& guard, const std::string& key) {
    std::vector<signing::ToBeSigned> items;
    items.push_back(signing::ToBeSigned::OwnershipRoot("octets", {}));
    const absl::Status status = guard.signer().Sign({}, key, items)[0].status();
    return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
  }

  // Another process's, whose list has not been read.
  masad::Setup WithoutFolder() {
    masad::Setup setup = setup_;
    setup.config.mutable_signer()->clear_budget_folder();
    setup.config.mutable_signer()->clear_limits();
    return setup;
  }

  masad::Setup setup_;
  const Keys keys_{std::make_shared<YesSigner>(),
                   *signing::LocalSigner::New({})};
};

// OP-13: what was signed today is known to the process that comes after.
TEST_F(GuardPartTest, ADaysBudgetOutlivesTheProcess) {
  for (const char* expected : {"OK", "QUOTA_EXCEEDED"}) {
    const auto guard = GuardPart::New(setup_, keys_);
    ASSERT_TRUE(guard.ok()) << guard.status();
    EXPECT_EQ(Ask(**guard, "k"), expected);
    EXPECT_EQ(Ask(**guard, "other"), "OK");
    EXPECT_EQ(ReasonOf(GuardPart::New(setup_, keys_).status()),
              Reason::kMisconfigured)
        << "one folder for two signers";
  }
}

// OP-11.
TEST_F(GuardPartTest, AKeyInTheFileIsStopped) {
  Stop("# stolen\nk\n");
  const auto guard = GuardPart::New(setup_, keys_);
  ASSERT_TRUE(guard.ok()) << guard.status();
  EXPECT_EQ(Ask(**guard, "k"), "SIGNER_UNAVAILABLE");
  EXPECT_EQ(Ask(**guard, "other"), "OK");
}

TEST_F(GuardPartTest, ANameThatIsNoKeyIsWarnedOf) {
  Stop("k\nmistyped\n");
  const auto guard = GuardPart::New(setup_, keys_);
  ASSERT_TRUE(guard.ok()) << guard.status();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Ask(**guard, "other"), "OK");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("\"key\":\"mistyped\""), std::string::npos) << log;
  EXPECT_EQ(log.find("\"key\":\"k\""), std::string::npos) << log;
}

// ADR 0042.
TEST_F(GuardPartTest, AVersionInTheFileMayBeDestroyed) {
  const auto guard = GuardPart::New(setup_, keys_);
  ASSERT_TRUE(guard.ok()) << guard.status();
  EXPECT_EQ(ReasonOf((*guard)->maker().Destroy({}, "acme", {"k", 1})),
            Reason::kStateNotAllowed);
  Stop("k@1\n");
  const auto other = GuardPart::New(WithoutFolder(), keys_);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(ReasonOf((*other)->maker().Destroy({}, "acme", {"k", 1})),
            Reason::kKeyUnknown)
      << "the key maker was not asked";
}

TEST_F(GuardPartTest, WithoutAnyOfItAllIsSigned) {
  setup_.config.clear_signer();
  const auto guard = GuardPart::New(setup_, keys_);
  ASSERT_TRUE(guard.ok()) << guard.status();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Ask(**guard, "k"), "OK");
  }
}

}  // namespace
}  // namespace masa::masad
