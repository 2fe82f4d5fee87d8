// Tokens of SoftHSM in a folder of their own, for tests.
#ifndef SERVICES_SIGNING_PKCS11_TEST_SOFT_HSM_H_
#define SERVICES_SIGNING_PKCS11_TEST_SOFT_HSM_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/testing/child_process.h"
#include "services/testing/files.h"
#include "services/testing/test_pki.h"

namespace masa::signing {

inline constexpr char kSoftHsm[] = "/usr/lib/softhsm/libsofthsm2.so";

// One at a time in a process: SoftHSM finds its folder by the environment.
class SoftHsm {
 public:
  SoftHsm() {
    std::string name = ::testing::TempDir() + "/softhsm.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::filesystem::create_directory(folder_ + "/tokens");
    Write("softhsm2.conf", absl::StrCat("directories.tokendir = ", folder_,
                                        "/tokens\nobjectstore.backend = file\n"
                                        "log.level = ERROR\n"));
    setenv("SOFTHSM2_CONF", (folder_ + "/softhsm2.conf").c_str(), 1);
  }
  ~SoftHsm() { std::filesystem::remove_all(folder_); }

  void AddToken(const std::string& label, const std::string& pin = "1234") {
    Run({"--init-token", "--free", "--label", label, "--pin", pin, "--so-pin",
         "12345678"});
  }

  void AddKey(const std::string& token, const testing::Identity& identity,
              const std::string& label, const std::string& id = "01") {
    Write("key.pem", identity.KeyPem());
    Run({"--import", folder_ + "/key.pem", "--token", token, "--label", label,
         "--id", id, "--pin", "1234", "--force"});
  }

 private:
  void Write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(testing::WriteFile(absl::StrCat(folder_, "/", name), text,
                                   testing::FileMode::kSecret)
                    .ok());
  }
  void Run(std::vector<std::string> words) {
    words.insert(words.begin(), "/usr/bin/softhsm2-util");
    testing::ChildProcess child(words, folder_ + "/log");
    EXPECT_EQ(child.Wait(), 0) << *testing::ReadFile(folder_ + "/log");
  }

  std::string folder_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TEST_SOFT_HSM_H_
