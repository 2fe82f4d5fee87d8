// A voucher job with real processes: the one that runs it is killed in the
// middle, another one goes on, and every device has one voucher and one event.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/masad/test_deployment.h"

namespace masa::masad {
namespace {

constexpr int kFleet = 20'000;

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

class VoucherJob : public ::testing::Test {
 protected:
  int Operate(const std::vector<std::string>& words) {
    return deployment_.Masactl(*masad_, "operator", words, &said_);
  }

  void ImportFleet(int devices) {
    const std::string path = deployment_.Path("fleet.csv");
    {
      std::ofstream file(path);
      file << "serial_number,product,organization\n";
      for (int i = 0; i < devices; ++i) {
        file << "FLEET-" << i << ",owned,org-acme\n";
      }
    }
    ASSERT_EQ(Operate({"device", "import", path}), 0) << said_;
  }

  // The id of a new job for the fleet.
  std::string Started() {
    EXPECT_EQ(
        Operate({"voucher", "job", "start", "--organization", "org-acme",
                 "--domain-cert", deployment_.Path("sandbox/domain-ca.pem"),
                 "--expires-in", "720h"}),
        0)
        << said_;
    constexpr size_t kUuid = 36;
    return said_.size() > 4 + kUuid ? said_.substr(4, kUuid) : "";
  }

  int Done() {
    return std::stoi(
        deployment_.Query("SELECT count(*) FROM voucher_job_batches"));
  }

  Deployment deployment_{::testing::TempDir() + "/drill-voucher-job"};
  std::unique_ptr<MasadProcess> masad_ = MakeReady(deployment_);
  std::string said_;
};

TEST_F(VoucherJob, KilledInTheMiddleItGoesOnElsewhereAndDoesNothingTwice) {
  ImportFleet(kFleet);
  const std::string id = Started();
  ASSERT_TRUE(Eventually([this] { return Done() >= 3; })) << masad_->LogText();
  masad_->process().Signal(SIGKILL);
  EXPECT_EQ(masad_->process().Wait(), -SIGKILL);
  ASSERT_LT(Done(), kFleet / 256) << "too late: it was done";

  masad_ = deployment_.Start("two");
  EXPECT_EQ(Operate({"voucher", "job", "watch", id}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(
      said_,
      absl::StrCat("succeeded  ", kFleet, " issued, 0 refused of ", kFleet)))
      << said_;
  for (const char* count :
       {"SELECT count(*) FROM vouchers",
        "SELECT count(DISTINCT device_id) FROM vouchers",
        "SELECT count(*) FROM audit_events WHERE kind = 'voucher-issued'",
        "SELECT count(*) FROM vouchers v JOIN audit_events e "
        "USING (bucket, voucher_id)"}) {
    EXPECT_EQ(deployment_.Query(count), absl::StrCat(kFleet)) << count;
  }
  EXPECT_EQ(deployment_.Query("SELECT count(*) FROM audit_events "
                              "WHERE kind = 'voucher-job-ended'"),
            "1");
  EXPECT_TRUE(absl::StrContains(masad_->AdminGet("/metrics"),
                                "masa_voucher_jobs{state=\"running\"} 0"));

  // Each file as its digest says; and what broke off is gone on with.
  const std::string whole = deployment_.Path("whole.tar");
  ASSERT_EQ(Operate({"voucher", "job", "download", id, "--out", whole}), 0)
      << said_;
  EXPECT_TRUE(absl::StrContains(said_, absl::StrCat(kFleet, " vouchers")))
      << said_;
  const std::string parted = deployment_.Path("parted.tar");
  const std::string part = absl::StrCat(parted, ".", id, ".part");
  std::filesystem::copy_file(whole, part);
  std::filesystem::resize_file(part, std::filesystem::file_size(part) / 2 + 7);
  ASSERT_EQ(Operate({"voucher", "job", "download", id, "--out", parted}), 0)
      << said_;
  EXPECT_TRUE(absl::StrContains(said_, "going on behind")) << said_;
  EXPECT_TRUE(Read(whole) == Read(parted));
}

TEST_F(VoucherJob, IsCheckedListedCancelledAndDownloaded) {
  ImportFleet(2'000);
  EXPECT_EQ(Operate({"voucher", "job", "start", "--organization", "org-acme",
                     "--domain-cert", deployment_.Path("sandbox/domain-ca.pem"),
                     "--expires-in", "720h", "--check"}),
            0);
  EXPECT_TRUE(absl::StrContains(said_, "2000 devices")) << said_;
  const std::string id = Started();
  EXPECT_EQ(Operate({"voucher", "job", "list"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, id)) << said_;
  // Cancelled or too late: it ends either way.
  (void)Operate({"voucher", "job", "cancel", id});
  (void)Operate({"voucher", "job", "watch", id});
  EXPECT_EQ(Operate({"voucher", "job", "get", id, "--json"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, "end_time")) << said_;
  EXPECT_EQ(Operate({"voucher", "job", "cancel",
                     "01900000-0000-7000-8000-000000000000"}),
            1);
  EXPECT_TRUE(absl::StrContains(said_, "JOB_UNKNOWN")) << said_;
  EXPECT_EQ(Operate({"voucher", "job", "start", "--endless", "--est",
                     "--cert-id", "c"}),
            1);
  EXPECT_TRUE(absl::StrContains(said_, "exactly one")) << said_;
}

}  // namespace
}  // namespace masa::masad
