// A voucher that is to be alone, and somebody who changes its device at the
// same moment: whoever commits second finds another device.
#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "storage/audit_event.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/test_catalog.h"

namespace masa::storage {
namespace {

class VoucherRace : public ::testing::Test {
 protected:
  VoucherRace() : pool_({.url = SharedServer().Url(PostgresServer::kService)}) {
    BeginWith(&pool_, OneProduct());
    Device device;
    device.tenant_id = "a";
    device.serial_number = "1";
    device.product_id = "p";
    const auto imported = PostgresDeviceStore::New(&pool_)->Import(
        {}, "t", absl::UnixEpoch(), {device}, OnConflict::kFail);
    EXPECT_TRUE(imported[0].ok()) << imported[0].status();
  }

  static IssuedVoucher Alone() {
    IssuedVoucher voucher;
    voucher.created_on = absl::FromUnixSeconds(1'700'000'000);
    voucher.voucher_id = NewEventId(voucher.created_on);
    voucher.audit_event_id = NewEventId(voucher.created_on);
    voucher.tenant_id = "a";
    voucher.device_id = DeviceIdOf("a", "1", std::nullopt);
    voucher.bucket = BucketOf("a", "1");
    voucher.request_digest = std::string(32, 'd');
    voucher.format = masa::v1::FORMAT_CMS_JSON;
    voucher.voucher = "octets";
    voucher.assertion = masa::v1::ASSERTION_LOGGED;
    voucher.domain_id = std::string(20, 'd');
    voucher.pinned_spki_sha256 = std::string(32, 's');
    voucher.signing_key = "key";
    voucher.actor = "registrar";
    voucher.device_version = 1;
    voucher.is_alone = true;
    return voucher;
  }

  static void WaitUntilBlocked() {
    pqxx::connection connection(SharedServer().Url(PostgresServer::kService));
    pqxx::nontransaction look(connection);
    while (look.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0]
               .as<int>() == 0) {
      std::this_thread::yield();
    }
  }

  // What comes of a voucher that waits for another's change of its device,
  // which ends like this.
  absl::Status CommitBehindAChange(
      const std::function<void(pqxx::work& change)>& end) {
    pqxx::connection other(SharedServer().Url(PostgresServer::kSuperuser));
    pqxx::work change(other);
    change.exec("UPDATE devices SET version = version + 1");
    absl::Status outcome;
    std::thread second(
        [&] { outcome = log_->Commit({}, {Alone()})[0].status(); });
    WaitUntilBlocked();
    end(change);
    second.join();
    return outcome;
  }

  ConnectionPool pool_;
  std::unique_ptr<PostgresIssuanceLog> log_ = PostgresIssuanceLog::New(&pool_);
};

TEST_F(VoucherRace, WaitsForTheOtherAndIsNotStored) {
  const absl::Status outcome =
      CommitBehindAChange([](pqxx::work& change) { change.commit(); });
  EXPECT_EQ(ReasonOf(outcome), Reason::kStoreConflict) << outcome;
  pqxx::connection other(SharedServer().Url(PostgresServer::kSuperuser));
  pqxx::work look(other);
  EXPECT_EQ(look.exec1("SELECT count(*) FROM vouchers")[0].as<int>(), 0);
  EXPECT_EQ(look.exec1("SELECT version FROM devices")[0].as<int>(), 2);
}

TEST_F(VoucherRace, IsStoredWhenTheOtherTakesItBack) {
  const absl::Status outcome =
      CommitBehindAChange([](pqxx::work& change) { change.abort(); });
  EXPECT_TRUE(outcome.ok()) << outcome;
}

}  // namespace
}  // namespace masa::storage
