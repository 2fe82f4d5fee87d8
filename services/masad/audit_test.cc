// The audit log on real processes, and a database whose superuser has been at
// it: whatever is changed, a reader who has the log's public key finds it, by
// masactl and by a program that shares no code with it.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/child_process.h"
#include "services/transparency/signed_note.h"

namespace masa::masad {
namespace {

constexpr char kOrigin[] = "masa.example/audit/acme";

// The tables of the log, which a backup has together.
constexpr const char* kTables[] = {
    "audit_heads",       "audit_entries", "audit_tiles", "audit_places",
    "audit_checkpoints", "audit_outbox",  "audit_events"};

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

class Audit : public ::testing::Test {
 protected:
  Audit()
      : deployment_(absl::StrCat(
            ::testing::TempDir(), "/",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(deployment_.Path("mirror"));
    deployment_.parts().audit = Config("");
    masad_ = MakeReady(deployment_);
    Issue(3);
    EXPECT_TRUE(WaitUntilLogged()) << said_ << masad_->LogText();
  }

  static std::string Config(const std::string& more) {
    return absl::StrCat(
        "  audit: {signing_key: acme-audit, origin: masa.example/audit, "
        "mirror_folder: mirror",
        more, "}\n");
  }

  int Run(const std::vector<std::string>& words,
          const std::string& who = "operator") {
    return deployment_.Masactl(*masad_, who, words, &said_);
  }

  void Issue(int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(
          Run({"voucher", "issue", "--serial", "DEMO-0001", "--domain-cert",
               deployment_.Path("sandbox/domain-ca.pem"), "--nonce",
               absl::Base64Escape(absl::StrCat("a nonce of ", i)), "--out",
               deployment_.Path("voucher.vcj")}),
          0)
          << said_;
    }
  }

  // Every committed event of the tenant is under the newest checkpoint, which
  // is outside as well.
  bool WaitUntilLogged() {
    return Eventually([this] {
      const std::string events =
          Query("SELECT count(*) FROM audit_events WHERE tenant_id = 'acme'");
      return Query(
                 "SELECT max(size) FROM audit_checkpoints "
                 "WHERE tenant_id = 'acme'") == events &&
             std::filesystem::exists(Mirror("checkpoints/" + events)) &&
             absl::StrContains(Read(Mirror("checkpoint")),
                               "\n" + events + "\n");
    });
  }

  std::string Query(const std::string& statement) {
    return deployment_.Query(statement);
  }
  std::string Mirror(const std::string& path) const {
    return deployment_.Path(absl::StrCat("mirror/", kOrigin, "/", path));
  }
  std::string Key() const { return deployment_.Path("sandbox/audit-log.pem"); }

  int Verify() { return Run({"audit", "verify", "--log-key", Key()}); }
  int VerifyFolder() {
    return Run({"audit", "verify", "--log-key", Key(), "--folder",
                deployment_.Path(absl::StrCat("mirror/", kOrigin))});
  }

  // The program of C2SP's texts.
  int Python(const std::string& verb, const std::vector<std::string>& files) {
    std::vector<std::string> words = {"/usr/bin/python3",
                                      "deploy/interop/tlog_verifier.py", verb,
                                      absl::StrCat(kOrigin, "=", Key())};
    words.insert(words.end(), files.begin(), files.end());
    const std::string out = deployment_.Path("python.out");
    std::remove(out.c_str());
    const int status = testing::ChildProcess(words, out).Wait();
    said_ = Read(out);
    return status;
  }
  int PythonLog() {
    return Python("log", {deployment_.Path(absl::StrCat("mirror/", kOrigin))});
  }

  // Both readers of the mirror's files say the same.
  void ExpectMirrorRefused(const std::string& what) {
    EXPECT_EQ(VerifyFolder(), 1) << what << ": " << said_;
    EXPECT_EQ(PythonLog(), 1) << what << ": " << said_;
  }

  // A checkpoint of another tree, by the log's own key.
  std::string SplitView(const std::string& note) {
    const auto certificate = testing::IdentityFromPem(
        Read(Key()), Read(deployment_.Path("secrets/audit-ed25519.key")));
    const auto key =
        *transparency::NoteKeyOf(kOrigin, certificate.CertificateDer());
    wire::Checkpoint checkpoint = *transparency::OpenCheckpoint(note, key);
    checkpoint.root[0] ^= 1;
    const std::string text = wire::EncodeCheckpoint(checkpoint);
    bssl::ScopedEVP_MD_CTX context;
    std::string signature(64, '\0');
    size_t length = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                                 certificate.key.get()),
              1);
    EXPECT_EQ(EVP_DigestSign(
                  context.get(), reinterpret_cast<uint8_t*>(signature.data()),
                  &length, reinterpret_cast<const uint8_t*>(text.data()),
                  text.size()),
              1);
    return transparency::NoteOf(text, key, signature);
  }

  Deployment deployment_;
  std::unique_ptr<MasadProcess> masad_;
  std::string said_;
};

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

TEST_F(Audit, ALogThatWasChangedWithItsEventsIsNoticed) {
  // All that a superuser can make fit: the entries in the database.
  Query("CREATE TABLE kept AS SELECT * FROM audit_entries");
  const struct {
    const char* name;
    const char* change;
  } cases[] = {
      {"two entries in another order",
       "event_ids = substr(event_ids, 19, 18) || substr(event_ids, 1, 18) || "
       "substr(event_ids, 37), commitments = substr(commitments, 33, 32) || "
       "substr(commitments, 1, 32) || substr(commitments, 65)"},
      {"an entry taken out",
       "event_ids = substr(event_ids, 19), "
       "commitments = substr(commitments, 33)"},
      {"an entry slipped in",
       "event_ids = substr(event_ids, 1, 18) || event_ids, "
       "commitments = substr(commitments, 1, 32) || commitments"},
  };
  for (const auto& c : cases) {
    Query(absl::StrCat("UPDATE audit_entries SET ", c.change,
                       " WHERE tenant_id = 'acme' AND number = 0"));
    EXPECT_EQ(Verify(), 1) << c.name << ": " << said_;
    Query(
        "UPDATE audit_entries e SET event_ids = k.event_ids, "
        "commitments = k.commitments FROM kept k "
        "WHERE k.tenant_id = e.tenant_id AND k.number = e.number");
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
  Query("UPDATE audit_checkpoints SET note = replace(note, E'\\n" + size +
        "\\n', E'\\n1\\n') WHERE tenant_id = 'acme'");
  EXPECT_EQ(Verify(), 1) << said_;
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
  ASSERT_TRUE(WaitUntilLogged()) << said_ << masad_->LogText();
  EXPECT_EQ(Verify(), 0) << said_;
  EXPECT_EQ(PythonLog(), 0) << said_;
  EXPECT_EQ(Query("SELECT count(*) FROM audit_outbox"), "0");
  EXPECT_EQ(Query("SELECT sum(octet_length(event_ids) / 18) FROM audit_entries "
                  "WHERE tenant_id = 'acme'"),
            Query("SELECT count(*) FROM audit_events "
                  "WHERE tenant_id = 'acme'"));
}

}  // namespace
}  // namespace masa::masad
