// What a process says that cannot work yet: it is up, not ready, and says in
// one sentence why; where waiting or mending helps, it needs no restart. What
// nobody can wait for ends it with a line for each fault, as
// Masad.ReportsEveryFaultOfItsConfigurationAtOnce has it.
#include <filesystem>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/masad/test_deployment.h"
#include "services/testing/files.h"

namespace masa::masad {
namespace {

class Start : public ::testing::Test {
 protected:
  Start() {
    EXPECT_EQ(deployment_.RunVerb("migrate", {"migrate"}), 0);
    EXPECT_EQ(deployment_.RunVerb(
                  "apply", {"apply", deployment_.Path("secrets/catalog.yaml")}),
              0);
  }

  std::unique_ptr<MasadProcess> StartOne() {
    auto made = std::make_unique<MasadProcess>(
        deployment_.folder(), "one", deployment_.parts(),
        std::vector<std::string>{"--role=all"});
    EXPECT_TRUE(made->WaitUntilServing()) << made->LogText();
    return made;
  }

  // It is alive, and says this instead of being ready.
  static void ExpectNotReady(const MasadProcess& masad,
                             const std::string& says) {
    EXPECT_TRUE(Eventually([&] {
      return absl::StrContains(masad.AdminGet("/readyz"), says);
    })) << masad.AdminGet("/readyz");
    EXPECT_TRUE(absl::StartsWith(masad.AdminGet("/readyz"), "HTTP/1.1 503 "));
    EXPECT_TRUE(absl::StartsWith(masad.AdminGet("/healthz"), "HTTP/1.1 200 "));
  }

  // Puts another certificate where the server's is.
  void Renew(absl::Duration left) {
    testing::CertificateSpec spec;
    spec.common_name = "localhost";
    spec.subject_alternative_names = {
        "DNS:localhost", "IP:127.0.0.1", "DNS:masa.example",
        "DNS:est.masa.example", "DNS:cloud.masa.example"};
    spec.not_before = absl::Now() - absl::Hours(2);
    spec.not_after = absl::Now() + left;
    const testing::Identity root = deployment_.Root("tls-root");
    const testing::Identity made = testing::MakeIdentity(spec, &root);
    Write("secrets/server.key", made.KeyPem(), testing::FileMode::kSecret);
    Write("secrets/server.pem", made.CertificatePem(),
          testing::FileMode::kPublic);
  }
  void Write(const std::string& name, const std::string& text,
             testing::FileMode mode) {
    EXPECT_TRUE(testing::WriteFile(deployment_.Path(name), text, mode).ok());
  }

  Deployment deployment_{absl::StrCat(
      ::testing::TempDir(), "/start-",
      ::testing::UnitTest::GetInstance()->current_test_info()->name())};
};

TEST_F(Start, ADatabaseThatIsAwayIsWaitedFor) {
  deployment_.database().Stop();
  auto masad = StartOne();
  ExpectNotReady(*masad, "the database cannot be reached");
  ASSERT_TRUE(deployment_.database().Restart().ok());
  EXPECT_TRUE(masad->WaitUntilReadyzIs(200)) << masad->AdminGet("/readyz");
}

TEST_F(Start, AnOlderSchemaIsWaitedFor) {
  deployment_.Query("CREATE TABLE kept AS SELECT * FROM schema_version");
  deployment_.Query(
      "DELETE FROM schema_version WHERE version = (SELECT max(version) FROM "
      "kept)");
  auto masad = StartOne();
  ExpectNotReady(*masad, "the database's schema is too old: run masad migrate");
  EXPECT_EQ(deployment_.RunVerb("again", {"migrate"}), 0)
      << deployment_.LogOf("again");
  EXPECT_TRUE(masad->WaitUntilReadyzIs(200)) << masad->AdminGet("/readyz");
}

// While a deployment rolls, the program before works on the new schema; it
// brings no database back to its own.
TEST_F(Start, ANewerSchemaIsServedAndNotMigrated) {
  deployment_.Query("INSERT INTO schema_version VALUES (9999, now())");
  EXPECT_EQ(deployment_.RunVerb("old", {"migrate"}), 1);
  const std::string said = deployment_.LogOf("old");
  EXPECT_TRUE(absl::StrContains(said,
                                "the database has schema 9999, this "
                                "program knows "))
      << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
  auto masad = StartOne();
  EXPECT_TRUE(masad->WaitUntilReadyzIs(200)) << masad->AdminGet("/readyz");
}

TEST_F(Start, ACertificateThatEndedIsNamedAndItsRenewalTaken) {
  Renew(-absl::Hours(1));
  auto masad = StartOne();
  ExpectNotReady(*masad, "secrets/server.pem, no restart is needed");
  Renew(absl::Hours(1));
  EXPECT_TRUE(masad->WaitUntilReadyzIs(200)) << masad->AdminGet("/readyz");
}

TEST_F(Start, AClientWhoseCertificateEndedIsRefusedAlone) {
  const auto masad = deployment_.Start("one");
  testing::CertificateSpec spec;
  spec.common_name = "operator";
  spec.subject_alternative_names = {"URI:urn:masa:acme:operator:operator"};
  spec.not_before = absl::Now() - absl::Hours(2);
  spec.not_after = absl::Now() - absl::Hours(1);
  const testing::Identity root = testing::IdentityFromPem(
      *testing::ReadFile(deployment_.Path("secrets/clients-root.pem")),
      *testing::ReadFile(deployment_.Path("secrets/clients-root.key")));
  const testing::Identity late = testing::MakeIdentity(spec, &root);
  Write("sandbox/late.key", late.KeyPem(), testing::FileMode::kSecret);
  Write("sandbox/late.pem", late.CertificatePem(), testing::FileMode::kPublic);
  std::string said;
  EXPECT_EQ(deployment_.Masactl(*masad, "late", {"audit", "list"}, &said), 1)
      << said;
  EXPECT_EQ(deployment_.Masactl(*masad, "operator", {"audit", "list"}, &said),
            0)
      << said;
  EXPECT_TRUE(masad->WaitUntilReadyzIs(200)) << masad->AdminGet("/readyz");
}

// Keys of files are in its memory.
TEST_F(Start, ItLeavesNoCoreDump) {
  auto masad = StartOne();
  const auto limits = testing::ReadFile(
      absl::StrCat("/proc/", masad->process().pid(), "/limits"));
  ASSERT_TRUE(limits.ok()) << limits.status();
  const auto at = limits->find("Max core file size");
  ASSERT_NE(at, std::string::npos);
  std::istringstream line(limits->substr(at + 18));
  std::string soft, hard;
  line >> soft >> hard;
  EXPECT_EQ(soft, "0");
  EXPECT_EQ(hard, "0");
}

TEST_F(Start, ASecretThatIsMissingEndsItInOneLine) {
  std::filesystem::remove(deployment_.Path("secrets/audit-ed25519.key"));
  EXPECT_EQ(deployment_.RunVerb("one", {"--role=signer"}), 1);
  const std::string said = deployment_.LogOf("one");
  EXPECT_TRUE(absl::StrContains(said, "audit-ed25519.key")) << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
}

}  // namespace
}  // namespace masa::masad
