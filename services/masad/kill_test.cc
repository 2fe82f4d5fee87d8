// A process that dies between signing and commit, or right after the commit,
// leaves no voucher without its event and no event without its voucher, and
// the registrar's retry gets exactly one (VI-17, EP-44, RV-24, AL-28).
#include <csignal>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/database.h"
#include "services/observe/clock.h"
#include "services/testing/child_process.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"
#include "services/testing/sandbox_files.h"
#include "storage/contract/postgres_server.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_issuance_log.h"

namespace masa::masad {
namespace {

using storage::PostgresServer;

class Killed : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/killed-", GetParam());
    ASSERT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
    auto database = PostgresServer::Start();
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    masad::Setup setup{{}, folder_};
    setup.config.mutable_storage()->set_database_url(
        database_->Url(PostgresServer::kService));
    masa::v1::Catalog catalog;
    ASSERT_TRUE(
        config::ReadYamlFile(folder_ + "/secrets/catalog.yaml", &catalog)
            .empty());
    ASSERT_TRUE(ApplyCatalog(setup, catalog).ok());
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = "DEMO-0001";
    device.product_id = "default";
    const auto imported = storage::PostgresDeviceStore::New(&Pool())->Import(
        {}, "test", absl::Now(), {device}, storage::OnConflict::kFail);
    ASSERT_TRUE(imported[0].ok()) << imported[0].status();
    WriteRequest();
  }

  storage::ConnectionPool& Pool() {
    if (pool_ == nullptr) {
      pool_ = std::make_unique<storage::ConnectionPool>(
          storage::ConnectionPool::Options{
              .url = database_->Url(PostgresServer::kService)});
    }
    return *pool_;
  }

  testing::Identity Identity(const std::string& name) {
    std::string certificate, key;
    EXPECT_TRUE(
        config::ReadFile(folder_ + "/sandbox/" + name + ".pem", &certificate) &&
        config::ReadFile(folder_ + "/sandbox/" + name + ".key", &key));
    return testing::IdentityFromPem(certificate, key);
  }

  void WriteRequest() {
    const testing::Registrar registrar(
        Identity("registrar"), {Identity("domain-ca").CertificateDer()});
    testing::Pledge pledge(Identity("pledge"));
    const auto request =
        pledge.MakeRequest(registrar.identity().CertificateDer(), absl::Now());
    std::ofstream(folder_ + "/request", std::ios::binary) << registrar.Sign(
        *registrar.LeavesFor(request, pledge.idevid(), absl::Now()));
  }

  int Answer(const std::string& when) {
    return testing::ChildProcess(
               {"services/masad/answer_one_request", folder_,
                database_->Url(PostgresServer::kService), folder_ + "/request",
                folder_ + "/answer", when},
               folder_ + "/answer.log")
        .Wait();
  }

  std::string AnswerBytes() {
    std::string bytes;
    (void)config::ReadFile(folder_ + "/answer", &bytes);
    return bytes;
  }

  // What is stored of the device: vouchers come joined with their events.
  std::vector<storage::IssuedVoucher> Stored() {
    const auto found = storage::PostgresDeviceStore::New(&Pool())->Find(
        {}, {{{"acme", "DEMO-0001", {}}, ""}});
    EXPECT_TRUE(found[0].ok()) << found[0].status();
    const auto listed =
        storage::PostgresIssuanceLog::New(&Pool())->ListForDevice(
            {}, found[0]->device.bucket, found[0]->device.device_id, 10);
    EXPECT_TRUE(listed.ok()) << listed.status();
    return *listed;
  }

  // Rows of each table on its own.
  std::string Count(const std::string& statement) {
    const std::string out = folder_ + "/count";
    std::remove(out.c_str());
    testing::ChildProcess psql({"/usr/bin/psql", "-XAtc", statement,
                                database_->Url(PostgresServer::kService)},
                               out);
    EXPECT_EQ(psql.Wait(), 0);
    std::string text;
    EXPECT_TRUE(config::ReadFile(out, &text));
    return text.substr(0, text.find('\n'));
  }

  void ExpectRows(const std::string& count) {
    EXPECT_EQ(Count("SELECT count(*) FROM vouchers"), count);
    EXPECT_EQ(Count("SELECT count(*) FROM audit_events "
                    "WHERE kind = 'voucher-issued'"),
              count);
    EXPECT_EQ(Count("SELECT count(*) FROM vouchers v JOIN audit_events e "
                    "USING (bucket, voucher_id)"),
              count);
  }

  std::string folder_;
  std::unique_ptr<PostgresServer> database_;
  std::unique_ptr<storage::ConnectionPool> pool_;
};

TEST_P(Killed, LeavesBothOrNeitherAndTheRetryGetsOne) {
  const bool committed = std::string(GetParam()) == "after";
  EXPECT_EQ(Answer(GetParam()), -SIGKILL);
  EXPECT_EQ(AnswerBytes(), "");
  ExpectRows(committed ? "1" : "0");
  const auto before = Stored();
  ASSERT_EQ(before.size(), committed ? 1u : 0u);

  EXPECT_EQ(Answer("never"), 0);
  ExpectRows("1");
  const auto after = Stored();
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(AnswerBytes(), after[0].voucher);
  if (committed) {
    EXPECT_EQ(after[0].voucher, before[0].voucher);
  }
}

INSTANTIATE_TEST_SUITE_P(Moments, Killed, ::testing::Values("before", "after"),
                         [](const auto& info) {
                           return std::string(info.param) + "Commit";
                         });

}  // namespace
}  // namespace masa::masad
