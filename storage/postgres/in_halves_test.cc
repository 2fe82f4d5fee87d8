// One question that the database refuses leaves those beside it alone.
#include "storage/postgres/in_halves.h"

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/postgres_standing_store.h"
#include "storage/postgres/test_catalog.h"

namespace masa::storage {
namespace {

using Numbers = std::vector<absl::StatusOr<int>>;

ConnectionPool::Options Service() {
  return {.url = SharedServer().Url(PostgresServer::kService)};
}

// What the database says of a value that it does not take.
absl::Status Refused(ConnectionPool& pool) {
  return RunTransaction(pool, {}, TransactionKind::kOneStatement,
                        [](pqxx::transaction_base& transaction) {
                          transaction.exec("SELECT 'x'::text::integer");
                          return absl::OkStatus();
                        });
}

TEST(InHalves, WhatIsRefusedFailsAlone) {
  ConnectionPool pool(Service());
  const std::vector<int> all = {1, 2, 3, -4, 5, 6, 7};
  size_t runs = 0;
  const Numbers outcomes = InHalves<int>(
      absl::MakeConstSpan(all),
      [&](absl::Span<const int> piece) -> absl::StatusOr<Numbers> {
        ++runs;
        Numbers twice;
        for (const int number : piece) {
          if (number < 0) {
            return Refused(pool);
          }
          twice.emplace_back(number * 2);
        }
        return twice;
      });
  ASSERT_EQ(outcomes.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(outcomes[i].ok(), all[i] > 0) << all[i];
    EXPECT_EQ(outcomes[i].value_or(0), all[i] > 0 ? all[i] * 2 : 0);
  }
  EXPECT_EQ(runs, 7u);
}

// A database that is away is not asked again for each of them.
TEST(InHalves, WhatIsNoRowsFaultFailsAllAtOnce) {
  const std::vector<int> all = {1, 2, 3};
  int runs = 0;
  const Numbers outcomes =
      InHalves<int>(absl::MakeConstSpan(all),
                    [&](absl::Span<const int>) -> absl::StatusOr<Numbers> {
                      ++runs;
                      return Refuse(Reason::kStoreUnavailable, "away");
                    });
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(ReasonOf(outcomes[2].status()), Reason::kStoreUnavailable);
  EXPECT_EQ(runs, 1);
}

// Devices S-o and S-q of customers o and q. What is on record of o has a time
// so far off, written by hand, that no statement can count its microseconds.
class RefusedQuestions : public ::testing::Test {
 protected:
  RefusedQuestions() : pool_(Service()) {
    masa::v1::Catalog catalog = OneProduct();
    std::vector<Device> devices;
    for (const char* id : {"o", "q"}) {
      auto* customer = catalog.add_organizations();
      customer->set_tenant_id("a");
      customer->set_organization_id(id);
      Device& device = devices.emplace_back();
      device.tenant_id = "a";
      device.serial_number = std::string("S-") + id;
      device.product_id = "p";
      device.organization_id = id;
    }
    BeginWith(&pool_, catalog);
    for (const auto& outcome : devices_->Import({}, "t", absl::UnixEpoch(),
                                                devices, OnConflict::kFail)) {
      EXPECT_TRUE(outcome.ok()) << outcome.status();
    }
  }

  void Do(const char* sql) {
    ConnectionPool owner(
        {.url = SharedServer().Url(PostgresServer::kMigrator)});
    const absl::Status done =
        RunTransaction(owner, {}, TransactionKind::kManyStatements,
                       [sql](pqxx::transaction_base& transaction) {
                         transaction.exec(sql);
                         return absl::OkStatus();
                       });
    EXPECT_TRUE(done.ok()) << done;
  }
  void GiveACertificateForTooLong() {
    Do("INSERT INTO domain_certs (tenant_id, organization_id, cert_id, "
       "spki_sha256, certificate_der, revocation_checks, group_id, expires_at) "
       "VALUES ('a', 'o', 'c', decode(repeat('6b', 32), 'hex'), 'der', false, "
       "'', '294276-12-31')");
  }

  ConnectionPool pool_;
  std::unique_ptr<PostgresDeviceStore> devices_ =
      PostgresDeviceStore::New(&pool_);
  std::unique_ptr<PostgresStandingStore> standings_ =
      PostgresStandingStore::New(&pool_);
};

template <typename Answers>
void ExpectTheFirstAloneFails(const Answers& answers) {
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(ReasonOf(answers[0].status()), Reason::kStoreConflict)
      << answers[0].status();
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
}

TEST_F(RefusedQuestions, ADeviceIsFoundBesideOneThatCannotBeRead) {
  GiveACertificateForTooLong();
  for (const DeviceView view : {DeviceView::kWhole, DeviceView::kForOrder}) {
    const auto answers = devices_->Find(
        {}, {{{"a", "S-o", {}}, "", view}, {{"a", "S-q", {}}, "", view}});
    ExpectTheFirstAloneFails(answers);
    ASSERT_TRUE(answers[1].ok());
    EXPECT_EQ(answers[1]->device.serial_number, "S-q");
  }
}

TEST_F(RefusedQuestions, AStandingIsReadBesideOneThatCannotBe) {
  GiveACertificateForTooLong();
  const std::string key(32, 'k');
  const auto answers = standings_->ReadStandings(
      {}, {{{"a", "S-o", {}}, key}, {{"a", "S-q", {}}, key}});
  ExpectTheFirstAloneFails(answers);
  ASSERT_TRUE(answers[1].ok());
  EXPECT_EQ(answers[1]->found.device.organization_id, "q");
}

TEST_F(RefusedQuestions, ClaimsAreReadBesideSomeThatCannotBe) {
  std::vector<ClaimsQuestion> questions;
  std::vector<IssuedVoucher> vouchers;
  for (const auto& answer :
       devices_->Find({}, {{{"a", "S-o", {}}, ""}, {{"a", "S-q", {}}, ""}})) {
    const Device& device = answer->device;
    questions.push_back(
        {device.bucket, device.device_id, std::string(32, 'k')});
    IssuedVoucher& voucher = vouchers.emplace_back();
    voucher.tenant_id = "a";
    voucher.bucket = device.bucket;
    voucher.device_id = device.device_id;
    voucher.voucher_id = std::string(16, device.serial_number.back());
    voucher.audit_event_id = voucher.voucher_id;
    voucher.request_digest = std::string(32, 'd');
    voucher.pinned_spki_sha256 = std::string(32, 's');
    voucher.issuer_spki_sha256 = std::string(32, 'i');
    voucher.created_on = absl::FromUnixSeconds(1700000000);
    voucher.prior_digest = std::string(32, 'p');
  }
  for (const auto& committed :
       PostgresIssuanceLog::New(&pool_)->Commit({}, vouchers)) {
    ASSERT_TRUE(committed.ok()) << committed.status();
  }
  Do("UPDATE vouchers SET created_on = '294276-12-31' "
     "WHERE voucher_id = decode(repeat('6f', 16), 'hex')");
  const auto answers = standings_->ReadClaims({}, questions);
  ExpectTheFirstAloneFails(answers);
  ASSERT_TRUE(answers[1].ok());
  EXPECT_EQ(answers[1]->size(), 2u);
}

// Of a time that is past what the database can hold.
TEST_F(RefusedQuestions, ADomainIsReadBesideOneThatCannotBeAsked) {
  const std::string key(32, 'k');
  const absl::Time far = absl::FromUnixSeconds(int64_t{9'224'318'017'000});
  const auto answers = PostgresCatalogStore::New(&pool_)->DomainsOf(
      {}, {{"a", {key}, key, far}, {"a", {key}, key, absl::UnixEpoch()}});
  ExpectTheFirstAloneFails(answers);
  ASSERT_TRUE(answers[1].ok());
  EXPECT_FALSE(answers[1]->registered());
}

}  // namespace
}  // namespace masa::storage
