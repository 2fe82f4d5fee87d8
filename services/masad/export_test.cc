// A customer's vouchers ahead of time, as files, with real processes and the
// system's own tools.
#include <filesystem>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "openssl/sha.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/child_process.h"

namespace masa::masad {
namespace {

namespace fs = std::filesystem;

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

int RunProgram(const std::vector<std::string>& words, const std::string& out) {
  std::remove(out.c_str());
  return testing::ChildProcess(words, out).Wait();
}

std::string Sha256Hex(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return absl::BytesToHexString(digest);
}

class Export : public ::testing::Test {
 protected:
  int RunAs(const std::string& who, const std::string& out,
            const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {
        "voucher",        "export",
        "--organization", "org-acme",
        "--domain-cert",  deployment_.Path("sandbox/domain-ca.pem"),
        "--expires-in",   "720h",
        "--out",          deployment_.Path(out)};
    words.insert(words.end(), more.begin(), more.end());
    return deployment_.Masactl(*masad_, who, words, &said_);
  }

  Deployment deployment_{::testing::TempDir() + "/drill-export"};
  std::unique_ptr<MasadProcess> masad_ =
      MakeReady(deployment_,
                "serial_number,product,organization\n"
                "S-1,owned,org-acme\nS-2,owned,org-acme\n"
                "\"S/3\",owned,org-acme\nS-9,owned,org-other\n");
  std::string said_;
};

// SZ-02: at order fulfilment, a voucher for each device of the customer.
TEST_F(Export, EveryDeviceOfTheCustomerGetsOne) {
  ASSERT_EQ(RunAs("owner", "vouchers.tar"), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "3 vouchers")) << said_;
  const std::string folder = deployment_.Path("unpacked");
  fs::remove_all(folder);
  fs::create_directories(folder);
  ASSERT_EQ(RunProgram({"/usr/bin/tar", "-xf", deployment_.Path("vouchers.tar"),
                        "-C", folder},
                       deployment_.Path("tar.out")),
            0);
  std::istringstream manifest(Read(folder + "/manifest.csv"));
  std::string line;
  std::getline(manifest, line);
  EXPECT_EQ(line, "file,serial_number,idevid_issuer,voucher_id,sha256");
  int vouchers = 0;
  for (; std::getline(manifest, line); ++vouchers) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    ASSERT_EQ(cells.size(), 5u) << line;
    const std::string file = folder + "/" + cells[0];
    EXPECT_EQ(Sha256Hex(Read(file)), cells[4]) << line;
    EXPECT_EQ(
        RunProgram({"/usr/bin/openssl", "cms", "-verify", "-binary", "-inform",
                    "DER", "-in", file, "-purpose", "any", "-CAfile",
                    deployment_.Path("sandbox/"
                                     "voucher-root.pem"),
                    "-out", folder + "/voucher.json"},
                   deployment_.Path("openssl.out")),
        0)
        << Read(deployment_.Path("openssl.out"));
    const std::string json = Read(folder + "/voucher.json");
    EXPECT_TRUE(absl::StrContains(
        json, absl::StrCat("\"serial-number\":\"", cells[1], "\"")))
        << json;
    EXPECT_TRUE(absl::StrContains(json, "\"expires-on\"")) << json;
    EXPECT_FALSE(absl::StrContains(json, "\"nonce\"")) << json;
  }
  EXPECT_EQ(vouchers, 3);
  EXPECT_TRUE(fs::exists(folder + "/S-1.vcj"));
  EXPECT_EQ(deployment_.Query("SELECT count(*) FROM audit_events WHERE kind = "
                              "'voucher-issued'"),
            "3");
  ASSERT_EQ(RunAs("owner", "again.tar", {"--json"}), 0) << said_;
  EXPECT_EQ(said_, "{\"vouchers\":3,\"refused\":0}\n");
}

// SZ-15: who owns what is for those who may know, and for their eyes alone.
TEST_F(Export, NobodyElseGetsAnyThing) {
  EXPECT_EQ(RunAs("stranger", "stolen.tar"), 1);
  EXPECT_TRUE(absl::StrContains(said_, "ORGANIZATION_UNKNOWN")) << said_;
  // A certificate that no caller has, and one that nobody here issued.
  EXPECT_EQ(RunAs("registrar", "stolen.tar"), 1) << said_;
  EXPECT_EQ(RunAs("pledge", "stolen.tar"), 1) << said_;
  EXPECT_FALSE(fs::exists(deployment_.Path("stolen.tar")));
  EXPECT_EQ(deployment_.Query("SELECT count(*) FROM audit_events WHERE kind = "
                              "'voucher-issued'"),
            "0");
  ASSERT_EQ(RunAs("operator", "vouchers.tar"), 0) << said_;
  EXPECT_EQ(fs::status(deployment_.Path("vouchers.tar")).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

// Many serial numbers, one voucher each in a file of its own.
TEST_F(Export, SeveralDevicesGetTheirVouchersInAFolder) {
  const std::string folder = deployment_.Path("sold");
  fs::remove_all(folder);
  const auto issue = [&](const std::vector<std::string>& serials) {
    std::vector<std::string> words = {"voucher", "issue", "--serial"};
    words.insert(words.end(), serials.begin(), serials.end());
    for (const std::string& word :
         {std::string("--domain-cert"),
          deployment_.Path("sandbox/domain-ca.pem"),
          std::string("--expires-in"), std::string("720h"),
          std::string("--out"), folder}) {
      words.push_back(word);
    }
    return deployment_.Masactl(*masad_, "owner", words, &said_);
  };
  EXPECT_EQ(issue({"S-1", "S-2"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "--out is no folder")) << said_;
  fs::create_directories(folder);
  EXPECT_EQ(issue({"S-1", "S-2", "S-1"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "2 vouchers")) << said_;
  EXPECT_TRUE(fs::exists(folder + "/S-1.vcj"));
  EXPECT_TRUE(fs::exists(folder + "/S-2.vcj"));
  EXPECT_EQ(issue({"S-1", "S-9"}), 2) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "S-9: DEVICE_UNKNOWN")) << said_;
  EXPECT_EQ(issue({"S-9", "none"}), 1) << said_;
  EXPECT_EQ(deployment_.Query("SELECT count(*) FROM audit_events WHERE kind = "
                              "'voucher-issued'"),
            "3");
}

}  // namespace
}  // namespace masa::masad
