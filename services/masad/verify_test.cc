// The jobs that a timer runs beside the service, as their own processes on a
// real database: what they say when all is well, what they notice, and that
// whoever watches the service hears of it.
#include "services/masad/test_audit.h"

namespace masa::masad {
namespace {

class VerifyJobs : public Audit {
 protected:
  VerifyJobs() {
    deployment_.parts().audit =
        Config(", certificate_file: sandbox/audit-log.pem");
  }

  // The exit status; what it said is in said_.
  int Job(const std::string& verb) {
    const int status = deployment_.RunVerb(verb, {verb});
    said_ = deployment_.LogOf(verb);
    return status;
  }
  void ExpectHolds(const std::string& verb, const std::string& says) {
    EXPECT_EQ(Job(verb), 0) << said_;
    EXPECT_TRUE(absl::StrContains(said_, says)) << said_;
    EXPECT_EQ(Outcome(verb), "held");
  }
  // In one line.
  void ExpectFails(const std::string& verb, const std::string& says) {
    EXPECT_EQ(Job(verb), 1) << said_;
    EXPECT_TRUE(absl::StrContains(said_, says)) << said_;
    EXPECT_EQ(said_.find('\n'), said_.size() - 1) << said_;
  }
  // Of the newest run on record.
  std::string Outcome(const std::string& job) {
    return Query(absl::StrCat(
        "SELECT CASE WHEN failed_at >= succeeded_at THEN 'failed' ELSE 'held' "
        "END FROM job_runs WHERE job = '",
        job, "'"));
  }

  // Beside the service's, as pg_restore makes it from what pg_dump gives.
  void RestoreABackup() {
    using storage::PostgresServer;
    const std::string own =
        deployment_.database().Url(PostgresServer::kSuperuser);
    const std::string dump = deployment_.Path("dump");
    Query("CREATE DATABASE restored");
    ASSERT_EQ(
        testing::ChildProcess({"/usr/bin/pg_dump", "-Fc", "--file", dump, own},
                              dump + ".log")
            .Wait(),
        0)
        << Read(dump + ".log");
    ASSERT_EQ(testing::ChildProcess({"/usr/bin/pg_restore", "--exit-on-error",
                                     "--dbname", Restored(own), dump},
                                    dump + ".log")
                  .Wait(),
              0)
        << Read(dump + ".log");
    deployment_.parts().more_storage = absl::StrCat(
        "  backup_url: \"",
        Restored(deployment_.database().Url(PostgresServer::kService)), "\"\n");
  }
  static std::string Restored(std::string url) {
    return url.replace(url.find("/masa?"), 6, "/restored?");
  }
  void QueryRestored(const std::string& statement) {
    const std::string out = deployment_.Path("restored.out");
    EXPECT_EQ(testing::ChildProcess({"/usr/bin/psql", "-XAtc", statement,
                                     Restored(deployment_.database().Url(
                                         storage::PostgresServer::kSuperuser))},
                                    out)
                  .Wait(),
              0)
        << statement << ": " << Read(out);
  }
};

TEST_F(VerifyJobs, TheAuditLogHoldsAndThisIsOnRecord) {
  const std::string first =
      Query("SELECT succeeded_at FROM job_runs WHERE job = 'verify-audit'");
  ExpectHolds("verify-audit",
              "logs are as their checkpoints say, and as the mirror has them");
  EXPECT_NE(
      Query("SELECT succeeded_at FROM job_runs WHERE job = 'verify-audit'"),
      first);
  EXPECT_TRUE(Eventually([this] {
    const std::string metrics = masad_->AdminGet("/metrics");
    return absl::StrContains(
               metrics,
               "masa_job_last_failure_timestamp_seconds{name=\"verify-audit\"} "
               "0") &&
           absl::StrContains(
               metrics,
               "masa_job_last_success_timestamp_seconds{name=\"retention\"}");
  })) << masad_->AdminGet("/metrics");
}

TEST_F(VerifyJobs, AnEventThatWasChangedIsNamedAndOnRecord) {
  const std::string row = " WHERE event_id = (SELECT event_id FROM kept)";
  Query(
      "CREATE TABLE kept AS SELECT * FROM audit_events "
      "WHERE voucher_id IS NOT NULL ORDER BY event_id LIMIT 1");
  Query("UPDATE audit_events SET nonce = 'other'" + row);
  ExpectFails("verify-audit", "is not as it was logged");
  EXPECT_TRUE(absl::StrContains(said_, "the audit log of acme does not hold"))
      << said_;
  EXPECT_EQ(Outcome("verify-audit"), "failed");
  Query("DELETE FROM audit_events" + row);
  ExpectFails("verify-audit", "is not there");
  Query("INSERT INTO audit_events SELECT * FROM kept");
  ExpectHolds("verify-audit", "as their checkpoints say");
}

TEST_F(VerifyJobs, WhatIsMissingOrAwayIsSaidInOneLine) {
  ExpectFails("verify-backup", "storage.backup_url or storage.backup_url_file");
  EXPECT_EQ(Outcome("verify-backup"), "failed");
  deployment_.parts().audit = Config("");
  ExpectFails("verify-audit", "certificate_file, a PEM certificate");
  deployment_.parts().audit = absl::StrCat(
      "  audit: {signing_key: acme-audit, origin: masa.example/audit, "
      "mirror_folder: elsewhere, certificate_file: sandbox/audit-log.pem}\n");
  ExpectFails("verify-audit", "mirror_folder is no folder");
  deployment_.parts().audit =
      Config(", certificate_file: sandbox/voucher-root.pem");
  ExpectFails("verify-audit", "Ed25519");
  deployment_.database().Stop();
  ExpectFails("verify-audit", "the database cannot be reached");
  ASSERT_TRUE(deployment_.database().Restart().ok());
}

TEST_F(VerifyJobs, ARestoredBackupHoldsAndSaysWhatItLacks) {
  ASSERT_NO_FATAL_FAILURE(RestoreABackup());
  ExpectHolds("verify-backup", "its tables are of one moment");
  Issue(2);
  ASSERT_TRUE(WaitUntilLogged()) << said_;
  ExpectHolds("verify-backup", "which has 2 more");
  // The first that it lacks happened more than 25 hours ago.
  Query("UPDATE audit_checkpoints SET at = at - interval '26 hours'");
  ExpectFails("verify-backup", "the backup: the copy is too old");
  EXPECT_EQ(Outcome("verify-backup"), "failed");
  deployment_.parts().more_storage += "  backup_longest_age_hours: 27\n";
  ExpectHolds("verify-backup", "which has 2 more");
}

TEST_F(VerifyJobs, ABackupThatIsNotWholeIsNoticed) {
  ASSERT_NO_FATAL_FAILURE(RestoreABackup());
  const struct {
    const char* change;
    const char* says;
  } cases[] = {
      {"DELETE FROM vouchers WHERE voucher_id = (SELECT voucher_id FROM "
       "vouchers LIMIT 1)",
       "the vouchers of 1 events are not there"},
      {"INSERT INTO vouchers SELECT (v).* FROM (SELECT "
       "jsonb_populate_record(v, "
       "jsonb_build_object('audit_event_id', '\\x' || repeat('0', 32), "
       "'generation', 99)) AS v FROM vouchers v LIMIT 1) AS q",
       "1 vouchers have no event"},
      {"INSERT INTO audit_events SELECT (e).* FROM (SELECT "
       "jsonb_populate_record(e, jsonb_build_object('event_id', '\\x' || "
       "repeat('0', 32))) AS e FROM audit_events e WHERE voucher_id IS NULL "
       "LIMIT 1) AS q",
       "wait for it"},
      {"UPDATE audit_entries SET commitments = set_byte(commitments, 3, 255 - "
       "get_byte(commitments, 3)) WHERE tenant_id = 'acme'",
       "the audit log of acme does not hold"},
      {"DELETE FROM schema_version", "the database's schema is too old"},
  };
  Query("CREATE DATABASE whole TEMPLATE restored");
  for (const auto& c : cases) {
    QueryRestored(c.change);
    ExpectFails("verify-backup", "the backup: ");
    EXPECT_TRUE(absl::StrContains(said_, c.says)) << c.change << said_;
    Query("DROP DATABASE restored");
    Query("CREATE DATABASE restored TEMPLATE whole");
  }
  ExpectHolds("verify-backup", "the backup holds");
}

TEST_F(VerifyJobs, RetentionIsOnRecord) {
  const std::string before =
      Query("SELECT succeeded_at FROM job_runs WHERE job = 'retention'");
  EXPECT_EQ(Job("retention"), 0) << said_;
  EXPECT_NE(Query("SELECT succeeded_at FROM job_runs WHERE job = 'retention'"),
            before);
}

}  // namespace
}  // namespace masa::masad
