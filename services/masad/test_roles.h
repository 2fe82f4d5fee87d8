// A base for tests of the real binary on a real PostgreSQL: the roles in one
// process (parameter false), or apart in three (true).
#ifndef SERVICES_MASAD_TEST_ROLES_H_
#define SERVICES_MASAD_TEST_ROLES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_masad.h"
#include "services/observe/clock.h"
#include "services/testing/sandbox_files.h"
#include "services/testing/test_pki.h"
#include "storage/contract/postgres_server.h"

namespace masa::masad {

class RolesTest : public ::testing::TestWithParam<bool> {
 protected:
  // A sandbox of its own called `name`, its schema and catalog, and the roles,
  // ready.
  void StartSandbox(const std::string& name) {
    folder_ = absl::StrCat(::testing::TempDir(), "/", name, "-",
                           GetParam() ? "apart" : "together");
    ASSERT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
    auto database = storage::PostgresServer::Start();
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    parts_.service_url = database_->Url(storage::PostgresServer::kService);
    parts_.migration_url = database_->Url(storage::PostgresServer::kMigrator);
    ASSERT_EQ(RunVerb("migrate", {"migrate"}), 0);
    ASSERT_EQ(RunVerb("apply", {"apply", folder_ + "/secrets/catalog.yaml"}),
              0);
    StartMasa();
    ASSERT_TRUE(authority_->WaitUntilReadyzIs(200)) << authority_->LogText();
  }

  std::unique_ptr<MasadProcess> Start(const std::string& role) {
    auto made = std::make_unique<MasadProcess>(
        folder_, role, parts_, std::vector<std::string>{"--role=" + role});
    EXPECT_TRUE(made->WaitUntilServing()) << role << ": " << made->LogText();
    return made;
  }

  // Who speaks HTTPS.
  MasadProcess& Outer() { return GetParam() ? *edge_ : *authority_; }

  // The text of a file of the sandbox.
  std::string Read(const std::string& name) {
    std::string text;
    EXPECT_TRUE(config::ReadFile(absl::StrCat(folder_, "/", name), &text))
        << name;
    return text;
  }

  // In `sandbox` for integrators, in `secrets` for masad alone.
  testing::Identity Identity(const std::string& name,
                             const std::string& where = "sandbox") {
    return testing::IdentityFromPem(
        Read(absl::StrCat(where, "/", name, ".pem")),
        Read(absl::StrCat(where, "/", name, ".key")));
  }

  // The DER of a root whose key integrators do not get.
  std::string Root(const std::string& name) {
    return testing::IdentityFromPem(Read("sandbox/" + name + ".pem"),
                                    Read("secrets/" + name + ".key"))
        .CertificateDer();
  }

  std::string folder_;
  std::unique_ptr<storage::PostgresServer> database_;
  ConfigParts parts_;
  std::unique_ptr<MasadProcess> signer_;     // apart alone
  std::unique_ptr<MasadProcess> authority_;  // together: all
  std::unique_ptr<MasadProcess> edge_;       // apart alone

 private:
  int RunVerb(const std::string& name,
              const std::vector<std::string>& arguments) {
    return MasadProcess(folder_, name, parts_, arguments).process().Wait();
  }

  void StartMasa() {
    if (!GetParam()) {
      authority_ = Start("all");
      return;
    }
    signer_ = Start("signer");
    parts_.signer_port = signer_->Port("signer_port");
    authority_ = Start("authority");
    parts_.internal_port = authority_->Port("internal_port");
    edge_ = Start("edge");
  }
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_TEST_ROLES_H_
