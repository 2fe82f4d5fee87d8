#include "services/masad/reload.h"

#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "services/config/yaml_reader.h"
#include "services/masad/config_watch.h"
#include "services/status/reason.h"
#include "services/testing/files.h"

namespace masa::masad {
namespace {

// Files and a process, as a watch sees them.
class Watched {
 public:
  std::string Look() {
    absl::MutexLock lock(&mutex_);
    return files_;
  }
  absl::Status Reload() {
    absl::MutexLock lock(&mutex_);
    ++reloads_;
    return answer_;
  }
  void Change(const std::string& files, const absl::Status& answer) {
    absl::MutexLock lock(&mutex_);
    files_ = files;
    answer_ = answer;
  }
  bool ReloadsBecome(int count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&] { return reloads_ >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached),
                                   absl::Minutes(1)) &&
           reloads_ == count;
  }

 private:
  absl::Mutex mutex_;
  std::string files_ = "first";
  absl::Status answer_;
  int reloads_ = 0;
};

class ConfigWatchTest : public ::testing::Test {
 protected:
  std::string Successful() {
    const std::string text =
        prometheus::TextSerializer().Serialize(registry_.Collect());
    const std::string name = "\nmasa_config_last_reload_successful ";
    return text.substr(text.find(name) + name.size(), 1);
  }

  prometheus::Registry registry_;
  Watched watched_;
};

TEST_F(ConfigWatchTest, TakesWhatChangedAndSaysWhetherItWasOfUse) {
  {
    ConfigWatch watch(
        registry_, [this] { return watched_.Look(); },
        [this] { return watched_.Reload(); });
    EXPECT_EQ(Successful(), "1");
    watched_.Change("second", absl::OkStatus());
    EXPECT_TRUE(watched_.ReloadsBecome(1));
    watched_.Change("third", Refuse(Reason::kMisconfigured, "no"));
    EXPECT_TRUE(watched_.ReloadsBecome(2));
  }  // the reload that ran is told by now
  EXPECT_EQ(Successful(), "0");
}

TEST_F(ConfigWatchTest, ReloadsWhenAskedThoughNothingChanged) {
  ConfigWatch watch(
      registry_, [this] { return watched_.Look(); },
      [this] { return watched_.Reload(); });
  watch.ReloadNow();
  EXPECT_TRUE(watched_.ReloadsBecome(1));
}

masa::v1::Config ConfigOf(const std::string& yaml) {
  masa::v1::Config config;
  EXPECT_TRUE(config::ReadYaml(yaml, &config).empty()) << yaml;
  return config;
}

TEST(SectionsThatNeedARestart, AreThoseThatAProcessCannotChange) {
  const std::string running =
      "edge: {listen: '127.0.0.1:1', certificates: [{host_names: [a]}]}\n"
      "log: {level: info}\n";
  const struct {
    const char* renewed;
    const char* sections;
  } rows[] = {
      {"edge: {listen: '127.0.0.1:1', certificates: [{host_names: [b]}]}\n"
       "log: {level: debug}\n",
       ""},
      {"edge: {listen: '127.0.0.1:2', certificates: [{host_names: [a]}]}\n",
       "edge"},
      {"edge: {listen: '127.0.0.1:1'}\nstorage: {max_connections: 3}\n"
       "admin: {listen: '127.0.0.1:9'}\n",
       "storage, admin"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(
        SectionsThatNeedARestart(ConfigOf(running), ConfigOf(row.renewed)),
        row.sections)
        << row.renewed;
  }
}

TEST(DigestOfFiles, ChangesWithEachFileThatIsRead) {
  const std::string folder = ::testing::TempDir() + "/";
  const auto write = [&](const char* name, const char* text) {
    ASSERT_TRUE(
        testing::WriteFile(folder + name, text, testing::FileMode::kPublic)
            .ok());
  };
  const char* named =
      "edge: {certificates: [{identity: {chain_file: chain.pem, key_file: "
      "key.pem}}]}";
  const char* others =
      "edge: {certificates: [{identity: {chain_file: next.pem, key_file: "
      "next.key}}]}";
  write("masad.yaml", named);
  write("chain.pem", "chain");
  std::string last = DigestOfFiles(folder + "masad.yaml");
  EXPECT_EQ(DigestOfFiles(folder + "masad.yaml"), last);
  // The names are those of the file as it is, which may be of a minute ago.
  for (const auto& [name, text] :
       {std::pair("chain.pem", "renewed"), std::pair("key.pem", ""),
        std::pair("masad.yaml", others), std::pair("next.pem", "chain"),
        std::pair("next.pem", "renewed"), std::pair("next.key", ""),
        std::pair("masad.yaml", "no: [configuration")}) {
    write(name, text);
    const std::string now = DigestOfFiles(folder + "masad.yaml");
    EXPECT_NE(now, last) << name;
    last = now;
  }
}

}  // namespace
}  // namespace masa::masad
