// What masactl says when something is wrong, and when there is nothing.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/masactl/command_line.h"
#include "services/masactl/history_report.h"
#include "services/masactl/phrases.h"
#include "services/masactl/service.h"
#include "services/masactl/test_run.h"
#include "services/verification/boring_verifier.h"
#include "storage/device.h"
#include "storage/ownership_entry.h"

namespace masa::masactl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(Phrases, CountOneAndSeveral) {
  EXPECT_EQ(Counted(0, "voucher is", "vouchers are"), "0 vouchers are");
  EXPECT_EQ(Counted(1, "voucher is", "vouchers are"), "1 voucher is");
  EXPECT_EQ(Counted(2, "voucher is", "vouchers are"), "2 vouchers are");
}

TEST(Phrases, TimesAreUtc) {
  google::protobuf::Timestamp time;
  time.set_seconds(1795778345);
  time.set_nanos(5);
  EXPECT_EQ(TimeText(time), "2026-11-27T11:19:05Z");
}

TEST(Phrases, FieldsHaveTheirOptions) {
  EXPECT_EQ(WithOptions("from_organization_id is needed from an operator"),
            "from_organization_id is needed from an operator (--from)");
  EXPECT_EQ(WithOptions("organization_id is needed with a group"),
            "organization_id is needed with a group (--organization)");
  EXPECT_THAT(WithOptions("idevid_issuer_ski tells them apart"),
              HasSubstr("--idevid-issuer"));
  EXPECT_EQ(WithOptions("all else"), "all else");
}

TEST(StatusOf, SaysWhatTheLibraryDoesNot) {
  const auto said = [](grpc::StatusCode code, const std::string& message) {
    return std::string(StatusOf(grpc::Status(code, message)).message());
  };
  EXPECT_THAT(said(grpc::StatusCode::UNIMPLEMENTED, ""),
              HasSubstr("admin.rpc"));
  EXPECT_THAT(said(grpc::StatusCode::UNAVAILABLE, "Socket closed"),
              HasSubstr("does not take the certificate"));
  EXPECT_THAT(said(grpc::StatusCode::UNAVAILABLE, "Connection refused"),
              StartsWith("the service cannot be reached: "));
}

TEST(CommandLine, NamesWhatWouldBeTaken) {
  const std::string file = ::testing::TempDir() + "/some.csv";
  std::ofstream(file) << "serial,product\nS-1,default\n";
  const struct {
    std::vector<std::string> arguments;
    std::string says;
  } cases[] = {
      {{"device", "get", "S", "--server", "127.0.0.1"}, "HOST:PORT"},
      {{"device", "get", "S", "--server", "https://localhost:21001"},
       "HOST:PORT, not https://localhost:21001"},
      {{"device", "get", "S", "--server", "localhost:99999"}, "HOST:PORT"},
      {{"device", "list", "--limit", "0"},
       "--limit: a whole number from 1 to 2147483647 is needed, not 0\n"},
      {{"device", "list", "--limit", "abc"}, "is needed, not abc\n"},
      {{"audit", "list", "--most", "5000000000000"},
       "from 1 to 2147483647 is needed, not 5000000000000\n"},
      {{"audit", "tail", "--from", "-1"},
       "from 0 to 9223372036854775807 is needed, not -1\n"},
      {{"voucher", "export", "--organization", "o", "--est", "--out", "x"},
       "masactl: give one of --expires-in and --endless\n"},
      {{"voucher", "issue", "--serial", "S", "T", "--est", "--out", "x"},
       "masactl: give one of --expires-in and --endless\n"},
      {{"admin", "log-level", "--for", "15m"}, "--for needs the LEVEL"},
      {{"device", "create", "S", "--product", "p", "--set", "color=red"},
       "model, mac_addr"},
      {{"device", "import", file},
       "serial: there is no such column; the "
       "columns are serial_number,product"},
      {{"device", "state", "S", "nowhere"}, "SCRAPPED"},
      {{"escrow", "verify", "/no/bundle"},
       "masactl: the bundle cannot be read: /no/bundle\n"},
      {{"escrow", "verify", file}, "it is no bundle"},
      {{"escrow", "verify", ::testing::TempDir()}, "it is no bundle"},
      {{"device", "get", "S", "--frob"}, "masactl: "},
  };
  for (const auto& c : cases) {
    const Outcome outcome = RunWith(c.arguments);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr(c.says));
    EXPECT_THAT(outcome.err, StartsWith(c.arguments[0] == "escrow" &&
                                                c.arguments[2] != "/no/bundle"
                                            ? "does not hold: "
                                            : "masactl: "));
  }
  // A server by its name or number, and a state in any case.
  for (const char* good : {"localhost:1", "[::1]:1", "dns:///masa.example:1"}) {
    EXPECT_THAT(RunWith({"device", "get", "S", "--server", good}).err,
                HasSubstr("MASA_CA"));
  }
  EXPECT_THAT(RunWith({"device", "state", "S", "claimed"}).err,
              HasSubstr("MASA_SERVER"));
}

TEST(CommandLine, HelpSaysHowItIsCalled) {
  const Outcome help = RunWith({"device", "import", "--help"});
  EXPECT_THAT(help.out, HasSubstr("Usage: masactl device import"));
  EXPECT_THAT(help.out, HasSubstr("fail when absent"));
  EXPECT_THAT(RunWith({"role", "give", "--help"}).out,
              HasSubstr("`group list` shows it"));
  EXPECT_THAT(RunWith({"device", "update", "--help"}).out,
              HasSubstr("labels=name=value;name=value"));
  EXPECT_THAT(help.out, HasSubstr("name=value;name=value"));
  const Outcome version = RunWith({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, StartsWith("program   sha256:"));
}

TEST(CommandLine, VerdictsAreJsonToo) {
  for (const auto& words : {std::vector<std::string>{"--version", "--json"},
                            std::vector<std::string>{"--json", "--version"}}) {
    const Outcome version = RunWith(words);
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.out, StartsWith("{\"program\":\"sha256:"));
  }
  const Outcome ceremony = RunWith(
      {"key", "ceremony-verify", "/no/folder", "--file", "/no/plan", "--json"});
  EXPECT_EQ(ceremony.status, 1);
  EXPECT_THAT(ceremony.out, StartsWith("{"));
  EXPECT_THAT(ceremony.out, HasSubstr("\"holds\":false"));
  EXPECT_THAT(ceremony.out, HasSubstr("/no/plan"));
  const std::string file = ::testing::TempDir() + "/no.tar";
  std::ofstream(file) << "no tar";
  const Outcome escrow = RunWith({"escrow", "verify", file, "--json"});
  EXPECT_EQ(escrow.status, 1);
  EXPECT_THAT(escrow.out, StartsWith("{"));
  EXPECT_THAT(escrow.out, HasSubstr("\"holds\":false"));
  EXPECT_THAT(escrow.out, HasSubstr("it is no bundle"));
}

// Whoever asks within seconds of a change hears no word of a forged history.
TEST(HistoryReport, ToWaitForASignatureIsNoFaultOfAnEntry) {
  masa::v1::GetOwnershipHistoryResponse history;
  history.set_tenant_id("acme");
  history.set_organization_id("org-acme");
  auto* entry = history.add_entries();
  entry->set_device_id(storage::DeviceIdOf("acme", "S-1", std::nullopt));
  entry->set_prev_hash(storage::NoHash());
  entry->set_change(masa::v1::OWNER_CHANGE_ASSIGNED);
  entry->set_to_organization_id("org-acme");
  const HistoryTrust trust = {"S-1", std::nullopt, "anchor", absl::UnixEpoch()};
  HistoryReport report = Verify(history, trust, verification::BoringVerifier());
  EXPECT_TRUE(report.waits_for_signature);
  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_THAT(report.faults[0], StartsWith("1 entry is not signed yet"));
  // Whatever else is wrong is said as before.
  history.set_organization_id("org-other");
  report = Verify(history, trust, verification::BoringVerifier());
  EXPECT_FALSE(report.waits_for_signature);
  EXPECT_THAT(report.faults, SizeIs(2));
  std::ostringstream printed;
  Print(history, printed);
  EXPECT_THAT(printed.str(), HasSubstr("1970-01-01T00:00:00Z"));
  EXPECT_THAT(printed.str(), Not(HasSubstr("signed by")));
}

}  // namespace
}  // namespace masa::masactl
