// The audit log on real processes, and a database whose superuser has been at
// it: whatever is changed, a reader who has the log's public key finds it, by
// masactl and by a program that shares no code with it.
//
//   what was done behind the service's back   test
//   a row changed or deleted                  AnEventThatIsNotAsItWasLogged...
//   a row inserted                            AnEventThatWasSlippedIn...
//   entries inserted, deleted, reordered ALogThatWasChangedWithItsEvents... a
//   checkpoint replaced, a tile truncated, a split view
//   ACheckpointOrTileThatWasChanged... an old backup replayed
//   AnOldBackupIsNoticed... two sequencers, and one killed anywhere
//   TwoSequencersAndKills...; each
//     step by itself in services/issuance/sequence_events_test.cc
#include <csignal>

#include "services/masad/test_audit.h"

namespace masa::masad {
namespace {

TEST_F(Audit, ReceiptsHoldByThemselves) {
  const std::string id =
      Query(
          "SELECT event_id FROM audit_events WHERE voucher_id IS NOT NULL "
          "LIMIT 1")
          .substr(2);
  const std::string receipt = deployment_.Path("event.tlog-proof");
  ASSERT_EQ(Run({"audit", "proof", id, "--out", receipt}), 0) << said_;
  EXPECT_EQ(Run({"audit", "verify", "--receipt", receipt, "--log-key", Key()}),
            0)
      << said_;
  EXPECT_TRUE(absl::StrContains(said_, "voucher-issued")) << said_;
  EXPECT_EQ(Python("proof", {receipt}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "voucher-issued")) << said_;
  // Another event in the same receipt.
  std::string text = Read(receipt);
  text[text.find("extra ") + 40] ^= 1;
  std::ofstream(receipt, std::ios::binary) << text;
  EXPECT_EQ(Run({"audit", "verify", "--receipt", receipt, "--log-key", Key()}),
            1);
  EXPECT_EQ(Python("proof", {receipt}), 1) << said_;
  const std::string voucher =
      Query(
          "SELECT voucher_id FROM audit_events WHERE voucher_id IS NOT NULL "
          "LIMIT 1")
          .substr(2);
  EXPECT_EQ(Run({"audit", "proof", "--voucher", voucher, "--out", receipt}), 0)
      << said_;
  EXPECT_EQ(Run({"audit", "proof", std::string(32, '0'), "--out", receipt}), 1);
}

TEST_F(Audit, AnExportIsVerifiedWithoutTheService) {
  const std::string folder = deployment_.Path("export");
  ASSERT_EQ(Run({"audit", "export", "--out", folder}), 0) << said_;
  const std::vector<std::string> verify = {"audit", "verify",    "--folder",
                                           folder,  "--log-key", Key()};
  EXPECT_EQ(Run(verify), 0) << said_;
  const std::string events = Read(folder + "/events.jsonl");
  const size_t second = events.find('\n') + 1;
  std::ofstream(folder + "/events.jsonl", std::ios::binary)
      << events.substr(second);
  EXPECT_EQ(Run(verify), 1) << "the first event is missing: " << said_;
  std::string other = events;
  char& digit = other[other.find("\"salt\":\"") + 12];
  digit = digit == 'A' ? 'B' : 'A';
  std::ofstream(folder + "/events.jsonl", std::ios::binary) << other;
  EXPECT_EQ(Run(verify), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "number 0 of the log")) << said_;
  std::ofstream(folder + "/events.jsonl", std::ios::binary) << events;
  EXPECT_EQ(Run(verify), 0) << said_;
  std::filesystem::create_directories(folder + "/tile/entries/000");
  EXPECT_EQ(Run(verify), 1) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "cannot be read")) << said_;
}

// A job that writes the log away every night hears that it did not.
TEST_F(Audit, AnExportThatCannotBeWrittenSaysSo) {
  for (const char* file : {"checkpoint", "events.jsonl"}) {
    const std::string folder = deployment_.Path(absl::StrCat("export-", file));
    std::filesystem::create_directories(absl::StrCat(folder, "/", file, "/x"));
    EXPECT_EQ(Run({"audit", "export", "--out", folder}), 1) << said_;
    EXPECT_TRUE(absl::StrContains(said_, absl::StrCat(folder, "/", file)))
        << said_;
    std::filesystem::remove_all(absl::StrCat(folder, "/", file));
    EXPECT_EQ(Run({"audit", "export", "--out", folder}), 0) << said_;
  }
}

TEST_F(Audit, OwnersSeeTheEventsOfTheirDevicesAlone) {
  EXPECT_EQ(Run({"audit", "list", "--kind", "voucher-issued"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "voucher-issued")) << said_;
  EXPECT_EQ(Run({"audit", "list", "--device", "DEMO-0001"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "voucher-issued")) << said_;
  for (const char* who : {"owner", "stranger"}) {
    EXPECT_EQ(Run({"audit", "list"}, who), 0) << said_;
    EXPECT_EQ(said_, "no such event\n") << who;
    EXPECT_EQ(Run({"audit", "tail", "--until-now"}, who), 0) << said_;
    EXPECT_EQ(said_, "") << who;
  }
  ASSERT_EQ(
      Run({"device", "assign", "DEMO-0001", "--organization", "org-acme"}), 0)
      << said_;
  ASSERT_TRUE(WaitUntilLogged()) << said_;
  EXPECT_EQ(Run({"audit", "list"}, "owner"), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "voucher-issued")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "device-assigned")) << said_;
  EXPECT_FALSE(absl::StrContains(said_, "imported")) << said_;
  EXPECT_EQ(Run({"audit", "list"}, "stranger"), 0) << said_;
  EXPECT_EQ(said_, "no such event\n");
  EXPECT_EQ(Run({"audit", "list", "--device", "DEMO-0001"}, "stranger"), 1);
}

TEST_F(Audit, AnEventThatIsNotAsItWasLoggedIsNamed) {
  ASSERT_EQ(Verify(), 0) << said_;
  Query(
      "CREATE TABLE kept AS SELECT * FROM audit_events "
      "WHERE voucher_id IS NOT NULL ORDER BY event_id LIMIT 1");
  const std::string row = " WHERE event_id = (SELECT event_id FROM kept)";
  const std::string put_back = "INSERT INTO audit_events SELECT * FROM kept";
  for (const char* change :
       {"at = at + interval '1 microsecond'", "nonce = 'other'",
        "kind = 'device-imported'", "assertion = assertion + 1",
        "tenant_id = 'bolt'",
        "device_id = set_byte(device_id, 0, 255 - "
        "get_byte(device_id, 0))",
        "voucher_sha256 = set_byte(voucher_sha256, 3, 255 - "
        "get_byte(voucher_sha256, 3))",
        "who_hash = set_byte(who_hash, 3, 255 - get_byte(who_hash, 3))",
        "salt = set_byte(salt, 3, 255 - get_byte(salt, 3))"}) {
    Query(absl::StrCat("UPDATE audit_events SET ", change, row));
    EXPECT_EQ(Verify(), 1) << change << said_;
    EXPECT_TRUE(absl::StrContains(said_, "is not as it was logged"))
        << change << said_;
    Query("DELETE FROM audit_events" + row);
    EXPECT_EQ(Verify(), 1) << said_;
    EXPECT_TRUE(absl::StrContains(said_, "is not there")) << said_;
    Query(put_back);
    EXPECT_EQ(Verify(), 0) << change << said_;
  }
}

// It may be shown with its device, but never with a place or a receipt.
TEST_F(Audit, AnEventThatWasSlippedInIsInNoLog) {
  const std::string id = "0190000000007000800000000000abcd";
  Query(
      "CREATE TABLE kept AS SELECT * FROM audit_events "
      "WHERE voucher_id IS NOT NULL ORDER BY event_id LIMIT 1");
  Query("UPDATE kept SET event_id = '\\x" + id + "'");
  Query("INSERT INTO audit_events SELECT * FROM kept");
  EXPECT_EQ(Run({"audit", "proof", id, "--out", deployment_.Path("no")}), 1)
      << said_;
  EXPECT_TRUE(absl::StrContains(said_, "AUDIT_LOG_UNKNOWN")) << said_;
  EXPECT_EQ(Run({"audit", "show", "--event", id}), 1) << said_;
  EXPECT_EQ(Run({"audit", "list"}), 0) << said_;
  EXPECT_FALSE(absl::StrContains(said_, "01900000-0000-7000")) << said_;
  EXPECT_EQ(Verify(), 0) << said_;
}

TEST_F(Audit, ALogThatWasChangedWithItsEventsIsNoticed) {
  // All that a superuser can make fit: the entries in the database.
  Query("CREATE TABLE kept AS SELECT * FROM audit_entries");
  // Each is put right by its inverse, since the log goes on meanwhile: to look
  // at it is an event.
  const struct {
    const char* name;
    const char* change;
    const char* inverse;
  } cases[] = {
      {"two entries in another order",
       "event_ids = substr(event_ids, 19, 18) || substr(event_ids, 1, 18) || "
       "substr(event_ids, 37), commitments = substr(commitments, 33, 32) || "
       "substr(commitments, 1, 32) || substr(commitments, 65)",
       "event_ids = substr(event_ids, 19, 18) || substr(event_ids, 1, 18) || "
       "substr(event_ids, 37), commitments = substr(commitments, 33, 32) || "
       "substr(commitments, 1, 32) || substr(commitments, 65)"},
      {"an entry taken out",
       "event_ids = substr(event_ids, 19), "
       "commitments = substr(commitments, 33)",
       "event_ids = (SELECT substr(k.event_ids, 1, 18) FROM kept k WHERE "
       "k.tenant_id = 'acme' AND k.number = 0) || event_ids, "
       "commitments = (SELECT substr(k.commitments, 1, 32) FROM kept k WHERE "
       "k.tenant_id = 'acme' AND k.number = 0) || commitments"},
      {"an entry slipped in",
       "event_ids = substr(event_ids, 1, 18) || event_ids, "
       "commitments = substr(commitments, 1, 32) || commitments",
       "event_ids = substr(event_ids, 19), "
       "commitments = substr(commitments, 33)"},
  };
  const std::string row = " WHERE tenant_id = 'acme' AND number = 0";
  for (const auto& c : cases) {
    Query(absl::StrCat("UPDATE audit_entries SET ", c.change, row));
    EXPECT_EQ(Verify(), 1) << c.name << ": " << said_;
    Query(absl::StrCat("UPDATE audit_entries SET ", c.inverse, row));
    EXPECT_EQ(Verify(), 0) << c.name << ": " << said_;
  }
}

TEST_F(Audit, ACheckpointOrTileThatWasChangedIsNoticed) {
  const std::string note = Read(Mirror("checkpoint"));
  ASSERT_EQ(VerifyFolder(), 0) << said_;
  ASSERT_EQ(PythonLog(), 0) << said_;
  const std::string size =
      Query("SELECT max(size) FROM audit_checkpoints WHERE tenant_id = 'acme'");
  // In the database.
  Query("UPDATE audit_tiles SET hashes = substr(hashes, 1, 32)");
  const std::string id = Query(
                             "SELECT event_id FROM audit_events WHERE "
                             "voucher_id IS NOT NULL LIMIT 1")
                             .substr(2);
  EXPECT_EQ(Run({"audit", "proof", id, "--out", deployment_.Path("no")}), 1);
  // Outside.
  const std::string tile = Mirror("tile/0/000.p/" + size);
  const std::string hashes = Read(tile);
  std::ofstream(tile, std::ios::binary) << hashes.substr(0, hashes.size() - 32);
  ExpectMirrorRefused("a tile that is too short");
  std::ofstream(tile, std::ios::binary)
      << std::string(32, 'x') + hashes.substr(32);
  ExpectMirrorRefused("another tile");
  std::ofstream(tile, std::ios::binary) << hashes;
  EXPECT_EQ(PythonLog(), 0) << said_;
  const std::string split = SplitView(note);
  const std::string other = deployment_.Path("split");
  std::ofstream(other, std::ios::binary) << split;
  EXPECT_EQ(Python("note", {other}), 0) << "it is signed: " << said_;
  EXPECT_EQ(Python("grown",
                   {other, deployment_.Path(absl::StrCat("mirror/", kOrigin))}),
            1)
      << "two views of one size: " << said_;
  std::ofstream(Mirror("checkpoint"), std::ios::binary) << split;
  ExpectMirrorRefused("a checkpoint of another tree");
  // Last, since to look at the log is an event.
  Query("UPDATE audit_checkpoints SET note = replace(note, E'\\n" + size +
        "\\n', E'\\n1\\n') WHERE tenant_id = 'acme'");
  EXPECT_EQ(Verify(), 1) << said_;
}

// Who read the checkpoint before the tile was full finds no partial one.
TEST_F(Audit, AFullTileIsReadForTheOneThatItBeginsWith) {
  const std::string size =
      Query("SELECT max(size) FROM audit_checkpoints WHERE tenant_id = 'acme'");
  for (const auto& [kind, octets] :
       {std::pair<std::string, size_t>{"0", 32}, {"entries", 34}}) {
    const std::string full = Mirror(absl::StrCat("tile/", kind, "/000"));
    std::string hashes = Read(absl::StrCat(full, ".p/", size));
    std::filesystem::remove_all(full + ".p");
    EXPECT_EQ(VerifyFolder(), 1) << said_;
    for (size_t at = hashes.size(); at < 256 * octets; ++at) {
      hashes += hashes[at - octets];
    }
    std::ofstream(full, std::ios::binary) << hashes;
  }
  EXPECT_EQ(VerifyFolder(), 0) << said_;
  EXPECT_EQ(PythonLog(), 0) << said_;
}

TEST_F(Audit, AnOldBackupIsNoticedAtStartAndGoneOnWithWhenItIsAccepted) {
  for (const char* table : kTables) {
    Query(
        absl::StrCat("CREATE TABLE old_", table, " AS SELECT * FROM ", table));
  }
  Issue(2);
  ASSERT_TRUE(WaitUntilLogged()) << said_;
  const std::string size =
      Query("SELECT max(size) FROM audit_checkpoints WHERE tenant_id = 'acme'");
  masad_->process().Signal(SIGTERM);
  EXPECT_EQ(masad_->process().Wait(), 0);
  for (const char* table : kTables) {
    Query(absl::StrCat("DELETE FROM ", table));
    Query(absl::StrCat("INSERT INTO ", table, " SELECT * FROM old_", table));
  }
  masad_ = std::make_unique<MasadProcess>(
      deployment_.folder(), "restored", deployment_.parts(),
      std::vector<std::string>{"--role=all"});
  ASSERT_TRUE(masad_->WaitUntilServing()) << masad_->LogText();
  EXPECT_TRUE(Eventually([this] {
    return absl::StrContains(masad_->AdminGet("/readyz"),
                             "outside the database; restore a newer backup");
  })) << masad_->AdminGet("/readyz");
  masad_->process().Signal(SIGTERM);
  (void)masad_->process().Wait();
  deployment_.parts().audit = Config(absl::StrCat(
      ", accepted_losses: [{tenant_id: acme, checkpoint_size: ", size,
      ", reason: \"the disk burnt, ticket 4711\"}]"));
  masad_ = deployment_.Start("accepted");
  ASSERT_TRUE(WaitUntilLogged()) << masad_->LogText();
  EXPECT_EQ(Verify(), 0) << said_;
  EXPECT_EQ(Run({"audit", "list", "--kind", "audit-loss-accepted", "--json"}),
            0);
  EXPECT_TRUE(absl::StrContains(said_, "ticket 4711")) << said_;
  EXPECT_TRUE(std::filesystem::exists(deployment_.Path(
      absl::StrCat("mirror/", kOrigin, ".lost-", size, "/checkpoint"))));
}

// Two processes, of which one is killed at whatever it does, and whose lease is
// taken away again and again: each event is in the log once, in one order.
TEST_F(Audit, TwoSequencersAndKillsMakeNoGapAndNoDouble) {
  for (int round = 0; round < 4; ++round) {
    auto second = deployment_.Start(absl::StrCat("second-", round));
    for (int i = 0; i < 6; ++i) {
      Issue(1);
      Query("UPDATE audit_lease SET until = '1970-01-01T00:00:00Z'");
    }
    (round % 2 == 0 ? masad_ : second)->process().Signal(SIGKILL);
    (void)(round % 2 == 0 ? masad_ : second)->process().Wait();
    if (round % 2 == 0) {
      masad_ = std::move(second);
    }
  }
  EXPECT_EQ(Verify(), 0) << said_;
  ASSERT_TRUE(WaitUntilLogged()) << said_ << masad_->LogText();
  EXPECT_EQ(PythonLog(), 0) << said_;
  EXPECT_EQ(Query("SELECT count(*) FROM audit_outbox"), "0");
  EXPECT_EQ(Query("SELECT sum(octet_length(event_ids) / 18) FROM audit_entries "
                  "WHERE tenant_id = 'acme'"),
            Query("SELECT count(*) FROM audit_events "
                  "WHERE tenant_id = 'acme'"));
}

}  // namespace
}  // namespace masa::masad
