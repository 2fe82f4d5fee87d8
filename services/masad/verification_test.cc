// Verifications that the service runs itself, on real processes: what a
// superuser changed is named, a process that is killed is no loss, and who
// reads names leaves a trace.
#include "services/masad/test_audit.h"

namespace masa::masad {
namespace {

class Verification : public Audit {
 protected:
  int VerifyThere() { return Run({"audit", "verify", "--at-service"}); }
};

TEST_F(Verification, AWholeLogHoldsAndAChangedEventIsNamed) {
  EXPECT_EQ(VerifyThere(), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "are as its checkpoints say")) << said_;
  const std::string id =
      Query(
          "SELECT event_id FROM audit_events WHERE voucher_id IS NOT NULL "
          "ORDER BY event_id LIMIT 1")
          .substr(2);
  Query("UPDATE audit_events SET nonce = 'other' WHERE event_id = '\\x" + id +
        "'");
  EXPECT_EQ(VerifyThere(), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, id.substr(0, 8))) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "is not as it was logged")) << said_;
  Query("DELETE FROM audit_events WHERE event_id = '\\x" + id + "'");
  EXPECT_EQ(VerifyThere(), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "is not there")) << said_;
  const std::string metrics = masad_->AdminGet("/metrics");
  for (const char* line :
       {"\nmasa_audit_verifications_total{outcome=\"held\"} 1\n",
        "\nmasa_audit_verifications_total{outcome=\"broken\"} 2\n"}) {
    EXPECT_TRUE(absl::StrContains(metrics, line)) << metrics;
  }
}

TEST_F(Verification, AChangedTileOrEntryIsFound) {
  Query(
      "UPDATE audit_entries SET commitments = set_byte(commitments, 40, 255 - "
      "get_byte(commitments, 40)) WHERE tenant_id = 'acme' AND number = 0");
  EXPECT_EQ(VerifyThere(), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "number 1 of the log")) << said_;
}

// As the runbook has it for logs that are long: each night what is new, old
// parts compressed, and all of it verified from there.
TEST_F(Verification, AnArchiveGrowsByWhatIsNewAndVerifiesCompressed) {
  const std::string folder = deployment_.Path("archive");
  ASSERT_EQ(Run({"audit", "export", "--out", folder}), 0) << said_;
  const std::string first = Read(folder + "/events.jsonl");
  // The last line of an export that broke off is not whole.
  std::ofstream(folder + "/events.jsonl", std::ios::binary | std::ios::app)
      << "{\"event_id\":";
  Issue(2);
  ASSERT_TRUE(WaitUntilLogged()) << said_;
  ASSERT_EQ(Run({"audit", "export", "--out", folder}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "of them new")) << said_;
  const std::string both = Read(folder + "/events.jsonl");
  EXPECT_TRUE(absl::StartsWith(both, first));
  EXPECT_GT(both.size(), first.size());
  const std::vector<std::string> verify = {"audit", "verify",    "--folder",
                                           folder,  "--log-key", Key()};
  EXPECT_EQ(Run(verify), 0) << said_;
  const std::string packed = absl::StrCat(
      "cd ", folder, " && split -l 4 -d events.jsonl part. && gzip part.* && ",
      "rm events.jsonl && mkfifo events.jsonl && ",
      "(gzip -dc part.*.gz >events.jsonl &)");
  ASSERT_EQ(testing::ChildProcess({"/bin/bash", "-c", packed},
                                  deployment_.Path("packed.out"))
                .Wait(),
            0);
  EXPECT_EQ(Run(verify), 0) << said_;
}

TEST_F(Verification, IsForOperators) {
  EXPECT_EQ(Run({"audit", "verify", "--at-service"}, "owner"), 1);
  EXPECT_TRUE(absl::StrContains(said_, "PERMISSION_DENIED")) << said_;
}

TEST_F(Verification, AnEventIsShownByItsId) {
  const std::string id =
      Query(
          "SELECT event_id FROM audit_events WHERE voucher_id IS NOT NULL "
          "ORDER BY event_id LIMIT 1")
          .substr(2);
  EXPECT_EQ(Run({"audit", "show", "--event", id}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "voucher-issued")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "by urn:masa:acme:operator:operator"))
      << said_;
  EXPECT_EQ(Run({"audit", "show", "--event", id}, "stranger"), 1) << said_;
  EXPECT_EQ(Run({"audit", "show", "--event", "none"}), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "event_id")) << said_;
  EXPECT_EQ(Run({"audit", "show"}), 1) << said_;
}

TEST_F(Verification, WhoReadsNamesIsNamed) {
  const auto reads = [this] {
    return Query(
        "SELECT count(*) FROM audit_events e JOIN changes c USING (change_id) "
        "WHERE e.kind = 'personal-data-read' "
        "AND c.actor = 'urn:masa:acme:operator:operator'");
  };
  ASSERT_EQ(reads(), "0");
  EXPECT_EQ(Run({"audit", "list"}), 0) << said_;
  EXPECT_EQ(reads(), "1");
  EXPECT_EQ(Run({"audit", "tail", "--until-now"}), 0) << said_;
  EXPECT_EQ(reads(), "2");
  EXPECT_EQ(Run({"audit", "show", "DEMO-0001"}), 0) << said_;
  EXPECT_EQ(reads(), "3");
  EXPECT_EQ(Run({"audit", "list"}, "owner"), 0) << said_;
  EXPECT_EQ(reads(), "3") << "customers read what is theirs";
  EXPECT_EQ(Query("SELECT count(*) FROM audit_events WHERE kind = "
                  "'personal-data-read' AND payload LIKE '%urn:masa%'"),
            "0");
}

}  // namespace
}  // namespace masa::masad
