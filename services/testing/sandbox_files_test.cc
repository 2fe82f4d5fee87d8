#include "services/testing/sandbox_files.h"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/x509v3.h"
#include "services/testing/fake_clock.h"
#include "services/testing/files.h"
#include "services/testing/status_matchers.h"
#include "services/testing/test_pki.h"

namespace masa::testing {
namespace {

absl::Time Now() { return absl::FromUnixSeconds(1'800'000'000); }

class SandboxFilesTest : public ::testing::Test {
 protected:
  SandboxFilesTest()
      : folder_(
            ::testing::TempDir() + "/sandbox-" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
  }
  ~SandboxFilesTest() override { std::filesystem::remove_all(folder_); }

  absl::Status Write(absl::Duration later = absl::ZeroDuration()) {
    return WriteSandboxFiles(folder_, FakeClock(Now() + later));
  }
  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  Identity Read(const std::string& certificate, const std::string& key) {
    const auto identity = ReadIdentity(Path(certificate), Path(key));
    EXPECT_THAT(identity, IsOk());
    return *identity;
  }
  std::map<std::string, std::string> AllFiles() {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) {
        files[entry.path().string()] = *ReadFile(entry.path().string());
      }
    }
    return files;
  }

  const std::string folder_;
};

// sandbox.md, "Files under DATA/sandbox/".
TEST_F(SandboxFilesTest, EveryPromisedFileIsThereAndKeysAreForTheirOwnerOnly) {
  ASSERT_THAT(Write(), IsOk());
  for (const char* name :
       {"sandbox/tls-root.pem",       "sandbox/voucher-root.pem",
        "sandbox/idevid-root.pem",    "sandbox/idevid-ca.pem",
        "sandbox/operator.pem",       "sandbox/owner.pem",
        "sandbox/stranger.pem",       "sandbox/domain-ca.pem",
        "sandbox/registrar.pem",      "sandbox/pledge.pem",
        "secrets/server.pem",         "secrets/clients-root.pem",
        "secrets/internal-root.pem",  "secrets/edge.pem",
        "secrets/authority.pem",      "secrets/signer.pem",
        "secrets/voucher-p256.pem",   "secrets/voucher-nonceless.pem",
        "sandbox/ownership-root.pem", "secrets/ownership-p256.pem",
        "sandbox/audit-log.pem",      "secrets/catalog.yaml",
        "sandbox/line.pem",           "secrets/idevid-chain.pem"}) {
    EXPECT_TRUE(FileExists(Path(name))) << name;
  }
  for (const char* name :
       {"sandbox/idevid-ca.key", "sandbox/operator.key", "sandbox/owner.key",
        "sandbox/stranger.key", "sandbox/domain-ca.key",
        "sandbox/registrar.key", "sandbox/pledge.key", "secrets/server.key",
        "secrets/edge.key", "secrets/voucher-p256.key",
        "secrets/voucher-nonceless.key", "secrets/audit-ed25519.key"}) {
    struct stat info;
    ASSERT_EQ(::stat(Path(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(SandboxFilesTest, CertificatesChainToTheirRoots) {
  ASSERT_THAT(Write(), IsOk());
  const struct {
    const char* leaf;
    const char* issuer;
  } cases[] = {
      {"secrets/server", "sandbox/tls-root"},
      {"secrets/voucher-p256", "sandbox/voucher-root"},
      {"secrets/voucher-nonceless", "sandbox/voucher-root"},
      {"secrets/ownership-p256", "sandbox/ownership-root"},
      {"sandbox/idevid-ca", "sandbox/idevid-root"},
      {"sandbox/pledge", "sandbox/idevid-ca"},
      {"sandbox/registrar", "sandbox/domain-ca"},
      {"sandbox/operator", "secrets/clients-root"},
      {"sandbox/owner", "secrets/clients-root"},
      {"sandbox/stranger", "secrets/clients-root"},
      {"secrets/edge", "secrets/internal-root"},
      {"secrets/authority", "secrets/internal-root"},
      {"secrets/signer", "secrets/internal-root"},
  };
  for (const auto& c : cases) {
    const std::string leaf = c.leaf;
    const std::string root = std::string(c.issuer).substr(8);
    const bool key_public = root == "idevid-ca" || root == "domain-ca";
    const Identity issuer =
        Read(std::string(c.issuer) + ".pem",
             (key_public ? "sandbox/" : "secrets/") + root + ".key");
    const Identity made = Read(leaf + ".pem", leaf + ".key");
    EXPECT_EQ(X509_verify(made.certificate.get(), issuer.key.get()), 1)
        << c.leaf;
    EXPECT_EQ(
        X509_check_issued(issuer.certificate.get(), made.certificate.get()),
        X509_V_OK)
        << c.leaf;
  }
}

TEST_F(SandboxFilesTest, TheServerAnswersToEveryNameOfTheSandbox) {
  ASSERT_THAT(Write(), IsOk());
  const Identity server = Read("secrets/server.pem", "secrets/server.key");
  for (const std::string name : {"localhost", "masa.example",
                                 "cloud.masa.example", "est.masa.example"}) {
    EXPECT_EQ(X509_check_host(server.certificate.get(), name.data(),
                              name.size(), 0, nullptr),
              1)
        << name;
  }
  EXPECT_EQ(X509_check_ip_asc(server.certificate.get(), "127.0.0.1", 0), 1);
}

TEST_F(SandboxFilesTest, ASecondRunChangesNothingEvenYearsLater) {
  ASSERT_THAT(Write(), IsOk());
  const auto before = AllFiles();
  ASSERT_THAT(Write(absl::Hours(24 * 400)), IsOk());
  EXPECT_EQ(AllFiles(), before);
}

TEST_F(SandboxFilesTest, AKeyWhoseCertificateWasLostKeepsItsKey) {
  ASSERT_THAT(Write(), IsOk());
  const std::string key = *ReadFile(Path("sandbox/registrar.key"));
  std::filesystem::remove(Path("sandbox/registrar.pem"));
  ASSERT_THAT(Write(), IsOk());
  EXPECT_EQ(*ReadFile(Path("sandbox/registrar.key")), key);
  Read("sandbox/registrar.pem", "sandbox/registrar.key");
}

TEST_F(SandboxFilesTest, FaultsNameTheFile) {
  ASSERT_THAT(Write(), IsOk());
  std::filesystem::remove(Path("secrets/tls-root.key"));
  const absl::Status missing = Write();
  EXPECT_NE(missing.message().find("tls-root.key"), std::string::npos)
      << missing;
  ASSERT_THAT(
      WriteFile(Path("secrets/tls-root.key"), "no key", FileMode::kSecret),
      IsOk());
  const absl::Status broken = Write();
  EXPECT_NE(broken.message().find("tls-root.key"), std::string::npos) << broken;
  EXPECT_THAT(WriteSandboxFiles("/proc/no-such-folder", FakeClock(Now())),
              ::testing::Not(IsOk()));
}

TEST_F(SandboxFilesTest, AKeyOfAnotherCertificateIsRefused) {
  ASSERT_THAT(Write(), IsOk());
  EXPECT_THAT(
      ReadIdentity(Path("sandbox/owner.pem"), Path("sandbox/stranger.key")),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace masa::testing
