#include "services/masad/running_config.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/reload.h"
#include "services/observe/clock.h"
#include "services/status/reason.h"
#include "services/testing/files.h"
#include "services/testing/sandbox_files.h"

namespace masa::masad {
namespace {

constexpr config::Roles kSigner{false, false, true};

class RunningConfigTest : public ::testing::Test {
 protected:
  RunningConfigTest() {
    EXPECT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
    Write("log: {level: info}\nadmin: {listen: '127.0.0.1:0'}\n");
  }

  void Write(const std::string& more) {
    EXPECT_TRUE(
        testing::WriteFile(
            file_,
            "signer:\n  listener: {listen: '127.0.0.1:0', identity: "
            "{chain_file: secrets/signer.pem, key_file: secrets/signer.key}, "
            "client_roots_file: secrets/internal-root.pem}\n  local_keys: "
            "[{name: k, key_file: secrets/voucher-p256.key, chain_file: "
            "secrets/voucher-p256.pem, kinds: [VOUCHER_CMS]}]\n" +
                more,
            testing::FileMode::kPublic)
            .ok());
  }

  const std::string folder_ = ::testing::TempDir() + "/running";
  const std::string file_ = folder_ + "/masad.yaml";
  absl::Status take_;
  int taken_ = 0;
};

TEST_F(RunningConfigTest, SaysWhatTheFileHasOtherwiseAndTakesWhatItCan) {
  RunningConfig running(*ReadSetup(file_, kSigner), kSigner,
                        [this](const masad::Setup&) {
                          ++taken_;
                          return take_;
                        });
  Write("log: {level: debug}\nadmin: {listen: '127.0.0.1:9'}\n");
  auto differences = running.Reload(true);
  ASSERT_TRUE(differences.ok()) << differences.status();
  ASSERT_EQ(differences->size(), 2u);
  EXPECT_EQ((*differences)[0].path, "admin.listen");
  EXPECT_TRUE((*differences)[0].needs_restart);
  EXPECT_EQ((*differences)[1].path, "log.level");
  EXPECT_FALSE((*differences)[1].needs_restart);
  EXPECT_EQ(taken_, 0);
  EXPECT_EQ(running.Current().log().level(), "info");

  ASSERT_TRUE(running.Reload(false).ok());
  EXPECT_EQ(taken_, 1);
  EXPECT_EQ(running.Current().log().level(), "debug");
  EXPECT_EQ(running.Current().admin().listen(), "127.0.0.1:0");
  // What waits for a restart is still said.
  differences = running.Reload(false);
  ASSERT_TRUE(differences.ok());
  ASSERT_EQ(differences->size(), 1u);
  EXPECT_EQ((*differences)[0].path, "admin.listen");
}

TEST_F(RunningConfigTest, KeepsWhatItHasWhenTheFileIsOfNoUse) {
  RunningConfig running(*ReadSetup(file_, kSigner), kSigner,
                        [this](const masad::Setup&) { return take_; });
  Write("log: {level: debug}\n");  // no admin.listen
  EXPECT_EQ(ReasonOf(running.Reload(false).status()), Reason::kMisconfigured);
  Write("log: {level: debug}\nadmin: {listen: '127.0.0.1:0'}\n");
  take_ = Refuse(Reason::kMisconfigured, "a certificate is of no use");
  EXPECT_EQ(running.Reload(false).status(), take_);
  EXPECT_EQ(running.Current().log().level(), "info");
}

TEST_F(RunningConfigTest, WithoutAFileThereIsNothingToRead) {
  masad::Setup setup = *ReadSetup(file_, kSigner);
  setup.file.clear();
  RunningConfig running(setup, kSigner,
                        [this](const masad::Setup&) { return take_; });
  const absl::Status status = running.Reload(true).status();
  EXPECT_EQ(ReasonOf(status), Reason::kMisconfigured);
  // Not that a file is missing.
  EXPECT_TRUE(absl::StrContains(status.message(),
                                "not started from a configuration file"))
      << status;
}

}  // namespace
}  // namespace masa::masad
