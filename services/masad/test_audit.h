// A deployment with an audit log of a few events, its mirror, and those who
// read them: for tests.
#ifndef SERVICES_MASAD_TEST_AUDIT_H_
#define SERVICES_MASAD_TEST_AUDIT_H_

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/child_process.h"
#include "services/transparency/signed_note.h"

namespace masa::masad {

inline constexpr char kOrigin[] = "masa.example/audit/acme";

// The tables of the log, which a backup has together.
inline constexpr const char* kTables[] = {
    "audit_heads",       "audit_entries", "audit_tiles", "audit_places",
    "audit_checkpoints", "audit_outbox",  "audit_events"};

inline std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

class Audit : public ::testing::Test {
 protected:
  Audit()
      : deployment_(absl::StrCat(
            ::testing::TempDir(), "/",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(deployment_.Path("mirror"));
    deployment_.parts().audit = Config("");
    masad_ = MakeReady(deployment_);
    Issue(3);
    EXPECT_TRUE(WaitUntilLogged()) << said_ << masad_->LogText();
  }

  static std::string Config(const std::string& more) {
    return absl::StrCat(
        "  audit: {signing_key: acme-audit, origin: masa.example/audit, "
        "mirror_folder: mirror",
        more, "}\n");
  }

  int Run(const std::vector<std::string>& words,
          const std::string& who = "operator") {
    return deployment_.Masactl(*masad_, who, words, &said_);
  }

  void Issue(int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(
          Run({"voucher", "issue", "--serial", "DEMO-0001", "--domain-cert",
               deployment_.Path("sandbox/domain-ca.pem"), "--nonce",
               absl::Base64Escape(absl::StrCat("a nonce of ", i)), "--out",
               deployment_.Path("voucher.vcj")}),
          0)
          << said_;
    }
  }

  // Every committed event of the tenant is under the newest checkpoint, which
  // is outside as well.
  bool WaitUntilLogged() {
    return Eventually([this] {
      const std::string events =
          Query("SELECT count(*) FROM audit_events WHERE tenant_id = 'acme'");
      return Query(
                 "SELECT max(size) FROM audit_checkpoints "
                 "WHERE tenant_id = 'acme'") == events &&
             std::filesystem::exists(Mirror("checkpoint")) &&
             absl::StrContains(Read(Mirror("checkpoint")),
                               "\n" + events + "\n");
    });
  }

  std::string Query(const std::string& statement) {
    return deployment_.Query(statement);
  }
  std::string Mirror(const std::string& path) const {
    return deployment_.Path(absl::StrCat("mirror/", kOrigin, "/", path));
  }
  std::string Key() const { return deployment_.Path("sandbox/audit-log.pem"); }

  int Verify() { return Run({"audit", "verify", "--log-key", Key()}); }
  int VerifyFolder() {
    return Run({"audit", "verify", "--log-key", Key(), "--folder",
                deployment_.Path(absl::StrCat("mirror/", kOrigin))});
  }

  // The program of C2SP's texts.
  int Python(const std::string& verb, const std::vector<std::string>& files) {
    std::vector<std::string> words = {"/usr/bin/python3",
                                      "deploy/interop/tlog_verifier.py", verb,
                                      absl::StrCat(kOrigin, "=", Key())};
    words.insert(words.end(), files.begin(), files.end());
    const std::string out = deployment_.Path("python.out");
    std::remove(out.c_str());
    const int status = testing::ChildProcess(words, out).Wait();
    said_ = Read(out);
    return status;
  }
  int PythonLog() {
    return Python("log", {deployment_.Path(absl::StrCat("mirror/", kOrigin))});
  }

  // Both readers of the mirror's files say the same.
  void ExpectMirrorRefused(const std::string& what) {
    EXPECT_EQ(VerifyFolder(), 1) << what << ": " << said_;
    EXPECT_EQ(PythonLog(), 1) << what << ": " << said_;
  }

  // A checkpoint of another tree, by the log's own key.
  std::string SplitView(const std::string& note) {
    const auto certificate = testing::IdentityFromPem(
        Read(Key()), Read(deployment_.Path("secrets/audit-ed25519.key")));
    const auto key =
        *transparency::NoteKeyOf(kOrigin, certificate.CertificateDer());
    wire::Checkpoint checkpoint = *transparency::OpenCheckpoint(note, key);
    checkpoint.root[0] ^= 1;
    const std::string text = wire::EncodeCheckpoint(checkpoint);
    bssl::ScopedEVP_MD_CTX context;
    std::string signature(64, '\0');
    size_t length = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                                 certificate.key.get()),
              1);
    EXPECT_EQ(EVP_DigestSign(
                  context.get(), reinterpret_cast<uint8_t*>(signature.data()),
                  &length, reinterpret_cast<const uint8_t*>(text.data()),
                  text.size()),
              1);
    return transparency::NoteOf(text, key, signature);
  }

  Deployment deployment_;
  std::unique_ptr<MasadProcess> masad_;
  std::string said_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_TEST_AUDIT_H_
