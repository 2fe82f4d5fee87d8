// Devices in and out with real processes: an import that is killed goes on and
// does nothing twice, and an export is the import of another day.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/child_process.h"

namespace masa::masad {
namespace {

constexpr int kDevices = 150'000;

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

class Import : public ::testing::Test {
 protected:
  int Operate(const std::vector<std::string>& words) {
    return deployment_.Masactl(*masad_, "operator", words, &said_);
  }

  // The device that is refused is in line 3, the line that is none in line 5.
  std::string BigFile() {
    const std::string path = deployment_.Path("big.csv");
    std::ofstream file(path);
    file << "product,serial_number,labels\n";
    for (int i = 0; i < kDevices; ++i) {
      file << (i == 1 ? "none" : "default") << ",BIG-" << i << ",lot=" << i % 7
           << "\n"
           << (i == 2 ? "default,,\n" : "");
    }
    return path;
  }

  std::string CountBig() {
    return deployment_.Query(
        "SELECT count(*) || ' ' || sum(version) FROM devices "
        "WHERE serial_number LIKE 'BIG-%'");
  }

  Deployment deployment_{::testing::TempDir() + "/drill-import"};
  std::unique_ptr<MasadProcess> masad_ = MakeReady(deployment_);
  std::string said_;
};

TEST_F(Import, KilledHalfWayItGoesOnAndDoesNothingTwice) {
  const std::string file = BigFile();
  {
    testing::ChildProcess client(
        {"services/masactl/masactl", "device", "import", file, "--server",
         absl::StrCat("127.0.0.1:", masad_->Port("api_port")), "--ca",
         deployment_.Path("sandbox/tls-root.pem"), "--cert",
         deployment_.Path("sandbox/operator.pem"), "--key",
         deployment_.Path("sandbox/operator.key")},
        deployment_.Path("import.log"));
    ASSERT_TRUE(Eventually([this] {
      return deployment_.Query(
                 "SELECT coalesce(max(last_sequence), 0) > 2 FROM imports "
                 "WHERE NOT complete") == "t";
    })) << Read(deployment_.Path("import.log"));
    client.Signal(SIGKILL);
    client.Wait();
  }
  ASSERT_NE(CountBig(), absl::StrCat(kDevices - 1, " ", kDevices - 1))
      << "too late: it was done";
  EXPECT_EQ(Operate({"device", "import", file}), 2) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "going on with import")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "line 5: ")) << said_;
  EXPECT_TRUE(
      absl::StrContains(said_, absl::StrCat(kDevices - 1,
                                            " created, 0 updated, 0 skipped, 2 "
                                            "refused")))
      << said_;
  EXPECT_EQ(CountBig(), absl::StrCat(kDevices - 1, " ", kDevices - 1));
  // One event for each chunk.
  EXPECT_EQ(deployment_.Query("SELECT count(*) FROM audit_events "
                              "WHERE kind = 'devices-imported'"),
            absl::StrCat(kDevices / 1000 + 1));
}

TEST_F(Import, AFileThatWasImportedIsImportedAgainWhenAsked) {
  const std::string file = deployment_.Path("small.csv");
  std::ofstream(file) << "serial_number,product\nS-1,default\nS-2,default\n";
  EXPECT_EQ(Operate({"device", "import", file}), 0) << said_;
  EXPECT_EQ(Operate({"device", "import", file}), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "line 2: DEVICE_EXISTS")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "line 3: DEVICE_EXISTS")) << said_;
  EXPECT_EQ(Operate({"device", "import", file, "--on-conflict", "skip"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, "2 skipped")) << said_;
  EXPECT_EQ(Operate({"device", "import", file, "--on-conflict", "update"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, "2 updated")) << said_;
  // Under a name of its own it is one import, whatever the file.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Operate({"device", "import", file, "--on-conflict", "update",
                       "--import-id", "mine"}),
              i);
    EXPECT_TRUE(absl::StrContains(said_, "2 updated")) << said_;
  }
  EXPECT_TRUE(absl::StrContains(said_, "import mine has ended already"))
      << said_;
  EXPECT_EQ(deployment_.Query("SELECT version FROM devices "
                              "WHERE serial_number = 'S-1'"),
            "3");
}

// However many lines are refused, each is told.
TEST_F(Import, EveryLineThatIsRefusedIsTold) {
  const std::string file = deployment_.Path("refused.csv");
  {
    std::ofstream out(file);
    out << "serial_number,product\n";
    for (int i = 0; i < 3500; ++i) {
      out << "R-" << i << "," << (i % 2 == 0 ? "none" : "default") << "\n";
    }
  }
  EXPECT_EQ(Operate({"device", "import", file}), 2);
  for (int i = 0; i < 3500; i += 2) {
    ASSERT_TRUE(absl::StrContains(
        said_, absl::StrCat("line ", i + 2, ": PRODUCT_UNKNOWN")));
  }
  EXPECT_TRUE(absl::StrContains(said_, "1750 created")) << said_;
}

TEST_F(Import, AnExportIsReadBackAsItWas) {
  ASSERT_EQ(Operate({"device", "create", "N-1", "--product", "default", "--set",
                     "labels=a=b;c=d", "--set", "hw_version=B"}),
            0)
      << said_;
  const std::string file = deployment_.Path("exported.csv");
  ASSERT_EQ(Operate({"device", "export", "--out", file}), 0) << said_;
  const std::string before = Read(file);
  EXPECT_TRUE(absl::StrContains(before, "a=b;c=d")) << before;
  deployment_.Query(
      "WITH gone AS (DELETE FROM devices) DELETE FROM device_serials "
      "RETURNING 1");
  ASSERT_EQ(Operate({"device", "import", file}), 0) << said_;
  ASSERT_EQ(Operate({"device", "export", "--out", file}), 0) << said_;
  EXPECT_EQ(Read(file), before);
}

TEST_F(Import, ADeviceIsListedEditedDeletedAndBroughtBack) {
  EXPECT_EQ(Operate({"device", "update", "DEMO-0001", "--set", "model=M"}), 0)
      << said_;
  EXPECT_EQ(Operate({"device", "list", "--filter", "model = M"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, "DEMO-0001")) << said_;
  EXPECT_EQ(Operate({"device", "state", "DEMO-0001", "BLOCKED"}), 0) << said_;
  EXPECT_EQ(Operate({"device", "state", "DEMO-0001", "CLAIMED"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "STATE_NOT_ALLOWED")) << said_;
  EXPECT_EQ(Operate({"device", "delete", "DEMO-0001", "--etag", "1"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "ETAG_MISMATCH")) << said_;
  EXPECT_EQ(Operate({"device", "delete", "DEMO-0001"}), 0) << said_;
  EXPECT_EQ(Operate({"device", "get", "DEMO-0001"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "DEVICE_UNKNOWN")) << said_;
  EXPECT_EQ(Operate({"device", "list", "--deleted", "--json"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, "delete_time")) << said_;
  EXPECT_EQ(Operate({"device", "undelete", "DEMO-0001"}), 0) << said_;
  EXPECT_EQ(Operate({"device", "list", "--filter", "state = blocked"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "filter")) << said_;
}

}  // namespace
}  // namespace masa::masad
