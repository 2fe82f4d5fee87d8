#include "services/masad/test_deployment.h"

#include <cstdio>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/observe/clock.h"
#include "services/testing/child_process.h"
#include "services/testing/sandbox_files.h"

namespace masa::masad {
namespace {

using storage::PostgresServer;

constexpr char kMasactl[] = "services/masactl/masactl";

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

// What a program says, and its exit status.
int RunProgram(const std::vector<std::string>& words, const std::string& out,
               std::string* said) {
  std::remove(out.c_str());
  const int status = testing::ChildProcess(words, out).Wait();
  *said = Read(out);
  return status;
}

}  // namespace

Deployment::Deployment(std::string folder) : folder_(std::move(folder)) {
  EXPECT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
  auto database = PostgresServer::Start();
  EXPECT_TRUE(database.ok()) << database.status();
  database_ = *std::move(database);
  parts_.service_url = database_->Url(PostgresServer::kService);
  parts_.migration_url = database_->Url(PostgresServer::kMigrator);
}

int Deployment::RunVerb(const std::string& name,
                        const std::vector<std::string>& words) {
  return MasadProcess(folder_, name, parts_, words).process().Wait();
}

std::string Deployment::LogOf(const std::string& name) const {
  return Read(absl::StrCat(folder_, "/", name, ".log"));
}

std::unique_ptr<MasadProcess> Deployment::Start(const std::string& name) {
  auto made = std::make_unique<MasadProcess>(
      folder_, name, parts_, std::vector<std::string>{"--role=all"});
  EXPECT_TRUE(made->WaitUntilServing()) << name << ": " << made->LogText();
  EXPECT_TRUE(made->WaitUntilReadyzIs(200)) << name << ": " << made->LogText();
  return made;
}

int Deployment::Masactl(const MasadProcess& masad, const std::string& who,
                        const std::vector<std::string>& words,
                        std::string* said, const std::string& port) {
  std::vector<std::string> all = {kMasactl};
  all.insert(all.end(), words.begin(), words.end());
  all.insert(all.end(),
             {"--server", absl::StrCat("localhost:", masad.Port(port)), "--ca",
              Path("sandbox/tls-root.pem"), "--cert",
              absl::StrCat(folder_, "/sandbox/", who, ".pem"), "--key",
              absl::StrCat(folder_, "/sandbox/", who, ".key")});
  return RunProgram(all, Path("masactl.out"), said);
}

std::string Deployment::Query(const std::string& statement) {
  std::string said;
  EXPECT_EQ(RunProgram({"/usr/bin/psql", "-XAtc", statement,
                        database_->Url(PostgresServer::kSuperuser)},
                       Path("psql.out"), &said),
            0)
      << said;
  return said.substr(0, said.find('\n'));
}

testing::Identity Deployment::Identity(const std::string& name) const {
  return testing::IdentityFromPem(Read(Path("sandbox/" + name + ".pem")),
                                  Read(Path("sandbox/" + name + ".key")));
}

testing::Identity Deployment::Root(const std::string& name) const {
  return testing::IdentityFromPem(Read(Path("sandbox/" + name + ".pem")),
                                  Read(Path("secrets/" + name + ".key")));
}

std::unique_ptr<MasadProcess> MakeReady(Deployment& deployment,
                                        const std::string& csv) {
  EXPECT_EQ(deployment.RunVerb("migrate", {"migrate"}), 0);
  EXPECT_EQ(deployment.RunVerb(
                "apply", {"apply", deployment.Path("secrets/catalog.yaml")}),
            0)
      << deployment.LogOf("apply");
  auto masad = deployment.Start("one");
  const std::string devices = deployment.Path("devices.csv");
  std::ofstream(devices) << csv;
  std::string said;
  EXPECT_EQ(deployment.Masactl(*masad, "operator",
                               {"device", "import", devices}, &said),
            0)
      << said;
  return masad;
}

Customer::Customer(const Deployment& of, const Deployment& at,
                   const std::string& host)
    : host_(host),
      tls_root_der_(at.Root("tls-root").CertificateDer()),
      registrar_(of.Identity("registrar"),
                 {of.Identity("domain-ca").CertificateDer()}),
      pledge_(of.Identity("pledge")) {}

std::string Customer::NewRequest() {
  const std::string request =
      pledge_.MakeRequest(registrar_.identity().CertificateDer(), absl::Now());
  return registrar_.Sign(
      *registrar_.LeavesFor(request, pledge_.idevid(), absl::Now()));
}

std::unique_ptr<testing::HttpsClient> Customer::Connect(
    const MasadProcess& masad) {
  auto connection = registrar_.Connect(
      {"127.0.0.1", masad.Port("https_port"), host_, {tls_root_der_}});
  EXPECT_TRUE(connection.ok()) << connection.status();
  return *std::move(connection);
}

testing::HttpAnswer Customer::RequestVoucher(const MasadProcess& masad,
                                             const std::string& request) {
  auto answer = testing::Registrar::RequestVoucher(*Connect(masad), request);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return *std::move(answer);
}

testing::HttpAnswer Customer::RequestAuditLog(const MasadProcess& masad,
                                              const std::string& request) {
  auto answer = testing::Registrar::RequestAuditLog(*Connect(masad), request);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return *std::move(answer);
}

absl::Status Customer::Trusts(const std::string& voucher,
                              const std::string& voucher_root_der) const {
  return pledge_
      .CheckVoucher(voucher,
                    {voucher_root_der, registrar_.identity().CertificateDer(),
                     registrar_.chain_der(), absl::Now()})
      .status();
}

}  // namespace masa::masad
