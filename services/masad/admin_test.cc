// What operators ask of running processes of each role, with masactl.
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/child_process.h"
#include "services/testing/files.h"

namespace masa::masad {
namespace {

class Admin : public ::testing::Test {
 protected:
  int Ask(const MasadProcess& at, std::vector<std::string> words,
          const std::string& who = "operator") {
    words.insert(words.begin(), "admin");
    return deployment_.Masactl(at, who, words, &said_, "admin_rpc_port");
  }

  nlohmann::json Json(const MasadProcess& at, std::vector<std::string> words) {
    words.push_back("--json");
    EXPECT_EQ(Ask(at, words), 0) << said_;
    auto parsed = nlohmann::json::parse(said_, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << said_;
    return parsed;
  }

  // Replaces `from` by `to` in the configuration of `at`.
  static void Edit(const MasadProcess& at, const std::string& from,
                   const std::string& to) {
    std::string text;
    ASSERT_TRUE(config::ReadFile(at.config_file(), &text));
    const std::string edited = absl::StrReplaceAll(text, {{from, to}});
    ASSERT_NE(edited, text);
    ASSERT_TRUE(
        testing::WriteFile(at.config_file(), edited, testing::FileMode::kPublic)
            .ok());
  }

  // How many events of this kind name this event, or any for "".
  std::string Events(const std::string& kind, const std::string& id = "") {
    return deployment_.Query(absl::StrCat(
        "SELECT count(*) FROM audit_events WHERE kind = '", kind, "'",
        id.empty()
            ? ""
            : " AND event_id = decode(replace('" + id + "', '-', ''), 'hex')"));
  }

  Deployment deployment_{absl::StrCat(
      ::testing::TempDir(), "/",
      ::testing::UnitTest::GetInstance()->current_test_info()->name())};
  std::string said_;
};

TEST_F(Admin, TellsWhatRunsWithoutItsSecrets) {
  const auto masad = MakeReady(deployment_);
  const auto build = Json(*masad, {"build"});
  EXPECT_EQ(build["roles"],
            nlohmann::json::array({"edge", "authority", "signer"}));
  EXPECT_EQ(build["binary_sha256"].get<std::string>().size(), 64u) << build;
  EXPECT_GT(build["schema_version"].get<int>(), 0) << build;
  const auto config = Json(*masad, {"config"});
  EXPECT_EQ(config["storage"]["database_url"], "(redacted)");
  EXPECT_EQ(config["storage"]["migration_url"], "(redacted)");
  EXPECT_EQ(config["storage"]["retention_url"], "(redacted)");
  EXPECT_FALSE(absl::StrContains(said_, "postgresql:")) << said_;
  EXPECT_EQ(config["admin"]["listen"], "127.0.0.1:0");
  // Who asks another listener is told.
  EXPECT_EQ(deployment_.Masactl(*masad, "operator", {"admin", "build"}, &said_),
            1);
  EXPECT_TRUE(absl::StrContains(said_, "this listener does not offer that"))
      << said_;
  // A customer, and an operator whom the list does not name, hear nothing.
  EXPECT_EQ(Ask(*masad, {"config"}, "owner"), 1);
  EXPECT_TRUE(absl::StrContains(said_, "PERMISSION_DENIED")) << said_;
}

// What the gRPC library has to say is neither on a person's terminal nor in a
// form of its own in the log.
TEST_F(Admin, AConnectionThatFailsIsALineOfTheLog) {
  const auto masad = MakeReady(deployment_);
  EXPECT_EQ(deployment_.Masactl(*masad, "operator",
                                {"device", "get", "DEMO-0001", "--server-name",
                                 "elsewhere.example"},
                                &said_),
            1);
  EXPECT_EQ(said_.find("masactl: the service cannot be reached: "), 0u)
      << said_;
  EXPECT_EQ(said_.find('\n'), said_.size() - 1) << said_;
  const std::string out = deployment_.Path("untrusting.out");
  EXPECT_EQ(
      testing::ChildProcess(
          {"services/masactl/masactl", "device", "get", "DEMO-0001", "--server",
           absl::StrCat("localhost:", masad->Port("api_port")), "--ca",
           deployment_.Path("sandbox/voucher-root.pem"), "--cert",
           deployment_.Path("sandbox/operator.pem"), "--key",
           deployment_.Path("sandbox/operator.key")},
          out)
          .Wait(),
      1);
  ASSERT_TRUE(config::ReadFile(out, &said_));
  EXPECT_EQ(said_.find("masactl: "), 0u) << said_;
  EXPECT_EQ(said_.find('\n'), said_.size() - 1) << said_;
  const std::string log = masad->LogText();
  EXPECT_TRUE(absl::StrContains(log, "the gRPC library says")) << log;
  const std::vector<std::string> lines =
      absl::StrSplit(log, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST_F(Admin, ReloadsWhatCanBeAndSaysWhatWaits) {
  const auto masad = MakeReady(deployment_);
  Edit(*masad, "log: {level: info}", "log: {level: warn}");
  Edit(*masad, "admin:\n", "synchronised_clock_required: true\nadmin:\n");
  ASSERT_EQ(Ask(*masad, {"reload", "--check"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "nothing was taken")) << said_;
  EXPECT_EQ(Events("config-reloaded"), "0");
  const auto reloaded = Json(*masad, {"reload"});
  // The watch may have taken the level before.
  EXPECT_TRUE(absl::StrContains(reloaded.dump(),
                                "\"path\":\"synchronised_clock_required\""))
      << reloaded;
  EXPECT_TRUE(absl::StrContains(reloaded.dump(), "\"needs_restart\":true"))
      << reloaded;
  EXPECT_EQ(Events("config-reloaded", reloaded["audit_event_id"]), "1");
  EXPECT_EQ(Json(*masad, {"log-level"})["state"]["configured"],
            "LOG_LEVEL_WARN");
  EXPECT_EQ(Json(*masad, {"config"})["log"]["level"], "warn");
  Edit(*masad, "admin:\n", "nonsense: {}\nadmin:\n");
  EXPECT_EQ(Ask(*masad, {"reload"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "MISCONFIGURED")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "nonsense")) << said_;
}

TEST_F(Admin, LogLevelHoldsForAWhileAndIsAnEvent) {
  const auto masad = MakeReady(deployment_);
  const auto set = Json(*masad, {"log-level", "error", "--for", "1h"});
  EXPECT_EQ(set["state"]["level"], "LOG_LEVEL_ERROR");
  EXPECT_EQ(set["state"]["configured"], "LOG_LEVEL_INFO");
  EXPECT_TRUE(set["state"].contains("until"));
  EXPECT_EQ(Events("log-level-set", set["audit_event_id"]), "1");
  EXPECT_TRUE(absl::StrContains(masad->LogText(), "\"kind\":\"log-level-set\""))
      << masad->LogText();
  // What is below is not written any more: a warning.
  ASSERT_EQ(Ask(*masad, {"self-test"}), 0) << said_;
  EXPECT_EQ(Events("self-test-run"), "1");
  EXPECT_FALSE(absl::StrContains(masad->LogText(), "self-test-run"));
  EXPECT_EQ(Ask(*masad, {"log-level", "error", "--for", "25h"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "INVALID_ARGUMENT")) << said_;
}

TEST_F(Admin, DrainedProcessIsNotReadyAndServesWhoComes) {
  const auto masad = MakeReady(deployment_);
  Customer customer(deployment_, deployment_);
  ASSERT_EQ(Ask(*masad, {"drain", "--reason", "a new disk"}), 0) << said_;
  EXPECT_TRUE(masad->WaitUntilReadyzIs(503)) << masad->LogText();
  EXPECT_TRUE(absl::StrContains(masad->AdminGet("/readyz"), "undrain"));
  EXPECT_EQ(customer.RequestVoucher(*masad, customer.NewRequest()).status, 200);
  // Clients look after its health; who is not refused for another reason.
  const std::vector<std::string> get = {"device", "get", "DEMO-0001"};
  EXPECT_EQ(deployment_.Masactl(*masad, "operator", get, &said_), 1);
  EXPECT_TRUE(absl::StrContains(said_, "UNAVAILABLE")) << said_;
  EXPECT_EQ(Events("process-drained"), "1");
  EXPECT_TRUE(absl::StrContains(masad->LogText(), "why=a new disk"));
  ASSERT_EQ(Ask(*masad, {"undrain"}), 0) << said_;
  EXPECT_TRUE(masad->WaitUntilReadyzIs(200)) << masad->LogText();
  EXPECT_EQ(Events("process-undrained"), "1");
  EXPECT_EQ(deployment_.Masactl(*masad, "operator", get, &said_), 0) << said_;
}

TEST_F(Admin, IsDrainedAlthoughItsDatabaseIsAway) {
  const auto masad = MakeReady(deployment_);
  deployment_.database().Stop();
  const auto drained = Json(*masad, {"drain"});
  EXPECT_EQ(drained["audit_event_id"], "") << drained;
  EXPECT_TRUE(absl::StrContains(masad->LogText(), "is no audit event"));
  EXPECT_EQ(Ask(*masad, {"self-test"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "FAILED  database: STORE_UNAVAILABLE"))
      << said_;
  EXPECT_TRUE(absl::StrContains(said_, "FAILED  audit event")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "ok      configuration")) << said_;
}

TEST_F(Admin, EachRoleSpeaksForItself) {
  ASSERT_EQ(deployment_.RunVerb("migrate", {"migrate"}), 0);
  ASSERT_EQ(deployment_.RunVerb(
                "apply", {"apply", deployment_.Path("secrets/catalog.yaml")}),
            0);
  ConfigParts& parts = deployment_.parts();
  const auto start = [&](const std::string& role) {
    auto made = std::make_unique<MasadProcess>(
        deployment_.folder(), role, parts,
        std::vector<std::string>{"--role=" + role});
    EXPECT_TRUE(made->WaitUntilServing()) << role << ": " << made->LogText();
    return made;
  };
  const auto signer = start("signer");
  parts.signer_port = signer->Port("signer_port");
  const auto authority = start("authority");
  ASSERT_TRUE(authority->WaitUntilReadyzIs(200)) << authority->LogText();
  parts.internal_port = authority->Port("internal_port");
  const auto edge = start("edge");
  ASSERT_TRUE(edge->WaitUntilReadyzIs(200)) << edge->LogText();
  const struct {
    const MasadProcess& process;
    const char* role;
    const char* checks;
  } rows[] = {
      {*signer, "signer", "ok      configuration\n"},
      {*authority, "authority", "ok      key acme-voucher\n"},
      {*edge, "edge", "ok      configuration\nok      authority\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Json(row.process, {"build"})["roles"],
              nlohmann::json::array({row.role}));
    EXPECT_EQ(Ask(row.process, {"self-test"}), 0) << row.role << said_;
    EXPECT_TRUE(absl::StrContains(said_, row.checks)) << row.role << said_;
    EXPECT_TRUE(
        absl::StrContains(row.process.LogText(), "\"kind\":\"self-test-run\""))
        << row.process.LogText();
    EXPECT_EQ(Ask(row.process, {"drain"}), 0) << row.role << said_;
    EXPECT_TRUE(absl::StrContains(row.process.AdminGet("/readyz"), " 503 "));
    EXPECT_EQ(Ask(row.process, {"undrain"}), 0) << row.role << said_;
  }
  // Each counts its calls of the next, for the dashboard.
  for (const MasadProcess* caller : {edge.get(), authority.get()}) {
    const std::string metrics = caller->AdminGet("/metrics");
    for (const char* series :
         {"\ngrpc_client_started_total{", "\ngrpc_client_handled_total{",
          "\ngrpc_client_handling_seconds_count{"}) {
      EXPECT_TRUE(absl::StrContains(metrics, series)) << metrics;
    }
  }
  // Edge and signer hold no database; the authority's event stands alone.
  EXPECT_EQ(Events("self-test-run"), "1");
  EXPECT_EQ(Events("process-drained"), "1");
  authority->process().Signal(SIGKILL);
  EXPECT_EQ(authority->process().Wait(), -SIGKILL);
  EXPECT_TRUE(Eventually([&] { return Ask(*edge, {"self-test"}) == 1; }));
  EXPECT_TRUE(absl::StrContains(said_, "FAILED  authority")) << said_;
}

}  // namespace
}  // namespace masa::masad
