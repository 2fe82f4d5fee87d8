// The suite of issued certificates on PostgreSQL.
#include <pqxx/pqxx>

#include "services/status/reason.h"
#include "storage/audit_kinds.h"
#include "storage/contract/certificate_contract.h"
#include "storage/contract/on_shared_server.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_certificate_store.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_status_store.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

class PostgresUnderTest final : public OnSharedServer<CertificatesUnderTest> {
 public:
  CatalogStore& catalog() override { return *catalog_; }
  DeviceStore& devices() override { return *devices_; }
  CertificateStore& certificates() override { return *certificates_; }
  StatusStore& statuses() override { return *statuses_; }
  int CountEvents(const std::string& kind) override {
    return Number("SELECT count(*) FROM audit_events WHERE kind = '" + kind +
                  "'");
  }
  // What the statement says; -1 where it fails.
  int Number(const std::string& sql) {
    int number = -1;
    const absl::Status status =
        RunTransaction(pool_, {}, TransactionKind::kOneStatement,
                       [&](pqxx::transaction_base& transaction) {
                         number = transaction.exec(sql)[0][0].as<int>();
                         return absl::OkStatus();
                       });
    EXPECT_TRUE(status.ok()) << status;
    return number;
  }

 private:
  ConnectionPool pool_{{.url = SharedServer().Url(PostgresServer::kService),
                        .max_connections = 4}};
  std::unique_ptr<CatalogStore> catalog_ = PostgresCatalogStore::New(&pool_);
  std::unique_ptr<DeviceStore> devices_ = PostgresDeviceStore::New(&pool_);
  std::unique_ptr<CertificateStore> certificates_ =
      PostgresCertificateStore::New(&pool_);
  std::unique_ptr<StatusStore> statuses_ = PostgresStatusStore::New(&pool_);
};

std::unique_ptr<CertificatesUnderTest> MakePostgres() {
  return OnEmptyServer<PostgresUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Postgres, CertificateContract,
                         ::testing::Values(MakeCertificates(MakePostgres)));

// What one statement writes beside certificates and devices.
class WrittenTogether : public CertificateContract {
 protected:
  int Number(const std::string& sql) {
    return static_cast<PostgresUnderTest&>(*under_test_).Number(sql);
  }
  std::vector<std::string> Reasons(const std::vector<Enrollment>& items) {
    std::vector<std::string> reasons;
    for (const auto& outcome : store().Enroll(context_, items)) {
      reasons.push_back(
          outcome.ok() ? "OK"
                       : std::string(InfoOf(ReasonOf(outcome.status())).name));
    }
    return reasons;
  }
};

INSTANTIATE_TEST_SUITE_P(Postgres, WrittenTogether,
                         ::testing::Values(MakeCertificates(MakePostgres)));

TEST_P(WrittenTogether, TheLogTheFeedAndWhoDidItHaveAll) {
  // A batch of strangers, then one with a known subject, which looks first.
  ASSERT_EQ(Reasons({Of("S1", '1'), Of("S2", '2')}),
            (std::vector<std::string>{"OK", "OK"}));
  EXPECT_EQ(Number("SELECT count(*) FROM ownership_feed"), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM audit_outbox WHERE tenant_id = 'a'"),
            1);
  EXPECT_EQ(Number("SELECT count(*) FROM changes WHERE actor = 'line:1'"), 1);
  ASSERT_EQ(Reasons({Of("S3", '3'), Of("S1", '4')}),
            (std::vector<std::string>{"OK", "CERT_EXISTS"}));
  EXPECT_EQ(Number("SELECT count(*) FROM ownership_feed"), 2);
  EXPECT_EQ(Number("SELECT sum(position) FROM ownership_feed_heads"), 2);
  // Each event with its cause, and an entry of 18 and 32 octets for the log.
  EXPECT_EQ(
      Number("SELECT count(*) FROM audit_events e JOIN changes c "
             "USING (change_id, tenant_id, at) WHERE c.actor = 'line:1' "
             "AND octet_length(e.who_hash) = 32 AND e.salt <> c.who_salt"),
      3);
  EXPECT_EQ(Number("SELECT sum(octet_length(event_ids)) FROM audit_outbox "
                   "WHERE tenant_id = 'a'"),
            3 * 18);
  EXPECT_EQ(Number("SELECT sum(octet_length(commitments)) FROM audit_outbox "
                   "WHERE tenant_id = 'a'"),
            3 * 32);
  EXPECT_EQ(Number("SELECT count(*) FROM signed_statuses s JOIN "
                   "issued_certificates c USING (bucket, certificate_serial) "
                   "WHERE s.renew_at = c.issued_at"),
            3);
}

// A batch of which the database refuses a row is written item by item, each
// with a cause of its own, and the database's log has named a subject (SE-11).
TEST_P(WrittenTogether, TwoCasOfANewSerialNumberAreRefusedByNobody) {
  Enrollment second = Of("S1", '2'), elsewhere = Of("S1", '3');
  second.certificate.profile = elsewhere.certificate.profile = "other";
  elsewhere.certificate.ca_key_id = std::string(20, 'd');
  elsewhere.device->idevid_issuer = elsewhere.certificate.ca_key_id;
  ASSERT_EQ(Reasons({Of("S1", '1'), second, elsewhere}),
            (std::vector<std::string>{"OK", "CERT_EXISTS", "OK"}));
  EXPECT_EQ(Number("SELECT count(*) FROM devices"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM changes WHERE actor = 'line:1'"), 1);
}

TEST_P(WrittenTogether, WhatIsRefusedLeavesNoRowBehind) {
  Enrollment unknown = Of("S1", '1');
  unknown.device->product_id = "none";
  ASSERT_EQ(Reasons({unknown}), std::vector<std::string>{"PRODUCT_UNKNOWN"});
  for (const char* table : {"devices", "issued_certificates", "signed_statuses",
                            "ownership_feed", "ownership_feed_heads"}) {
    EXPECT_EQ(Number(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
  EXPECT_EQ(Number("SELECT count(*) FROM audit_outbox WHERE tenant_id = 'a'"),
            0);
}

// A batch whose answer was lost is sent again, and finds itself.
TEST_P(WrittenTogether, TheSameBatchAgainWritesNothing) {
  const std::vector<Enrollment> batch = {Of("S1", '1'), Of("S2", '2')};
  ASSERT_EQ(Reasons(batch), (std::vector<std::string>{"OK", "OK"}));
  for (const auto& outcome : store().Enroll(context_, batch)) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_TRUE(outcome->replayed);
  }
  EXPECT_EQ(CountEvents(kCertificateIssued), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM ownership_feed"), 1);
}

}  // namespace
}  // namespace masa::storage
