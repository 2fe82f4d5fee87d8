// Changes of ownership as masactl watches them on a real process: told to whom
// they concern, gone on with from a token, and no reason for a process to stay
// when it shall end.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/child_process.h"

namespace masa::masad {
namespace {

// `masactl ownership watch` in the background.
class Watcher {
 public:
  Watcher(const Deployment& deployment, const MasadProcess& masad,
          const std::string& who, const std::string& name,
          std::vector<std::string> more = {})
      : log_(deployment.Path(name + ".log")) {
    std::vector<std::string> words = {"services/masactl/masactl", "ownership",
                                      "watch"};
    words.insert(words.end(), more.begin(), more.end());
    const std::string files = deployment.Path("sandbox/");
    words.insert(
        words.end(),
        {"--server", absl::StrCat("localhost:", masad.Port("api_port")), "--ca",
         files + "tls-root.pem", "--cert", files + who + ".pem", "--key",
         files + who + ".key"});
    std::remove(log_.c_str());  // of the test before
    process_ = std::make_unique<testing::ChildProcess>(words, log_);
  }

  std::string Text() const {
    std::string text;
    config::ReadFile(log_, &text);
    return text;
  }
  bool Hears(const std::string& what) const {
    return Eventually([&] { return absl::StrContains(Text(), what); });
  }
  // The newest token.
  std::string Token() const {
    const std::string text = Text();
    const size_t at = text.rfind("token: ") + 7;
    return text.substr(at, text.find('\n', at) - at);
  }
  // Its exit status.
  int Interrupt() {
    process_->Signal(SIGINT);
    return process_->Wait();
  }

 private:
  const std::string log_;
  std::unique_ptr<testing::ChildProcess> process_;
};

class Watch : public ::testing::Test {
 protected:
  int Operate(const std::vector<std::string>& words) {
    return deployment_.Masactl(*masad_, "operator", words, &said_);
  }

  Deployment deployment_{::testing::TempDir() + "/watch"};
  std::unique_ptr<MasadProcess> masad_ =
      MakeReady(deployment_,
                "serial_number,product,organization\nW-1,owned,org-acme\n"
                "W-2,owned,org-other\n");
  std::string said_;
};

TEST_F(Watch, IsInterruptedAndGoesOnBehindItsToken) {
  Watcher all(deployment_, *masad_, "operator", "all");
  Watcher owner(deployment_, *masad_, "owner", "owner");
  ASSERT_TRUE(all.Hears("token: ")) << all.Text();
  ASSERT_TRUE(owner.Hears("token: ")) << owner.Text();
  ASSERT_EQ(Operate({"device", "block", "W-2"}), 0) << said_;
  ASSERT_EQ(Operate({"device", "block", "W-1"}), 0) << said_;
  EXPECT_TRUE(all.Hears("  state  W-2  version 2")) << all.Text();
  EXPECT_TRUE(all.Hears("  state  W-1  version 2")) << all.Text();
  EXPECT_TRUE(owner.Hears("  state  W-1  version 2")) << owner.Text();
  EXPECT_FALSE(absl::StrContains(owner.Text(), "W-2")) << owner.Text();
  EXPECT_EQ(all.Interrupt(), 0) << all.Text();
  EXPECT_EQ(owner.Interrupt(), 0) << owner.Text();

  ASSERT_EQ(Operate({"device", "assign", "W-1", "--organization", "org-other"}),
            0)
      << said_;
  Watcher again(deployment_, *masad_, "owner", "again",
                {"--from", owner.Token(), "--json"});
  EXPECT_TRUE(again.Hears("KIND_OWNER")) << again.Text();
  EXPECT_FALSE(absl::StrContains(again.Text(), "KIND_STATE")) << again.Text();
  EXPECT_EQ(again.Interrupt(), 0) << again.Text();
  EXPECT_EQ(Operate({"ownership", "watch", "--from", owner.Token()}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "PAGE_TOKEN_INVALID")) << said_;
}

TEST_F(Watch, DoesNotKeepAProcessThatShallEnd) {
  Watcher all(deployment_, *masad_, "operator", "all");
  ASSERT_TRUE(all.Hears("token: ")) << all.Text();
  masad_->process().Signal(SIGTERM);
  EXPECT_EQ(masad_->process().Wait(), 0) << masad_->LogText();
  EXPECT_EQ(all.Interrupt(), 0) << "while it tries again: " << all.Text();
}

TEST_F(Watch, WhatIsOlderThanIsKeptIsSaidToBe) {
  Watcher all(deployment_, *masad_, "operator", "all");
  ASSERT_TRUE(all.Hears("token: ")) << all.Text();
  ASSERT_EQ(all.Interrupt(), 0);
  ASSERT_EQ(Operate({"device", "block", "W-1"}), 0) << said_;
  deployment_.Query("UPDATE ownership_feed SET at = at - interval '8 days'");
  ASSERT_EQ(deployment_.RunVerb("retention", {"retention"}), 0)
      << deployment_.LogOf("retention");
  EXPECT_EQ(Operate({"ownership", "watch", "--from", all.Token()}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "RESUME_TOKEN_EXPIRED")) << said_;
}

}  // namespace
}  // namespace masa::masad
