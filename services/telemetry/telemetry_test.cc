#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "services/telemetry/audit_metrics.h"
#include "services/telemetry/decorators.h"
#include "services/telemetry/hsm_events.h"
#include "services/telemetry/log.h"
#include "services/telemetry/metered_signer.h"
#include "services/telemetry/metrics.h"
#include "services/telemetry/observed_edge.h"
#include "services/telemetry/timed_stages.h"

namespace masa::telemetry {
namespace {

bool Has(const Metrics& metrics, const std::string& line) {
  return metrics.Text().find(line + "\n") != std::string::npos;
}

class FixedDesk final : public issuance::RegistrarDesk {
 public:
  absl::Status status;
  void RequestVouchers(std::vector<issuance::PendingCall> calls) override {
    for (issuance::PendingCall& one : calls) {
      one.respond(Answer());
    }
  }
  absl::StatusOr<issuance::RegistrarAnswer> RequestAuditLog(
      const issuance::RegistrarCall&) override {
    return Answer();
  }

 private:
  absl::StatusOr<issuance::RegistrarAnswer> Answer() const {
    if (!status.ok()) {
      return status;
    }
    return issuance::RegistrarAnswer{"a/b", "voucher"};
  }
};

class FixedLog final : public storage::IssuanceLog {
 public:
  std::vector<absl::StatusOr<storage::Committed>> answers;
  std::vector<absl::StatusOr<storage::Committed>> Commit(
      const RequestContext&, std::vector<storage::IssuedVoucher>) override {
    return answers;
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListForDevice(
      const RequestContext&, int16_t, const std::string&, int) override {
    return std::vector<storage::IssuedVoucher>();
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ReadForRules(
      const RequestContext&, const storage::RulesQuestion&) override {
    return std::vector<storage::IssuedVoucher>();
  }
  absl::StatusOr<storage::IssuanceSummary> Summarize(const RequestContext&,
                                                     int16_t,
                                                     const std::string&,
                                                     int) override {
    return storage::IssuanceSummary();
  }
};

TEST(Log, LineIsOneJsonObjectWhateverTheValueHolds) {
  EXPECT_EQ(FormatLogLine(Level::kWarn, "T", "m", {{"k", "a\"b\nc"}}),
            "{\"time\":\"T\",\"level\":\"warn\",\"message\":\"m\","
            "\"k\":\"a\\\"b\\nc\"}");
  const std::string line = FormatLogLine(Level::kInfo, "T", "\xff\xfe", {});
  EXPECT_EQ(line.find('\xff'), std::string::npos);
}

TEST(Log, TimeIsRfc3339InMilliseconds) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  const struct {
    absl::Duration after;
    const char* text;
  } kCases[] = {
      {absl::ZeroDuration(), "2023-11-14T22:13:20.000Z"},
      {absl::Milliseconds(7), "2023-11-14T22:13:20.007Z"},
      {absl::Microseconds(999'999), "2023-11-14T22:13:20.999Z"},
      {absl::Milliseconds(1'050), "2023-11-14T22:13:21.050Z"},
      {absl::Milliseconds(1), "2023-11-14T22:13:20.001Z"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatLogTime(start + c.after), c.text);
  }
}

TEST(Metrics, SeriesExistBeforeAnythingHappens) {
  const Metrics metrics;
  EXPECT_TRUE(Has(metrics, "masa_voucher_requests_total 0"));
  EXPECT_TRUE(
      Has(metrics,
          "masa_voucher_requests_denied_total{reason=\"DEVICE_UNKNOWN\"} 0"));
  EXPECT_TRUE(Has(metrics,
                  "masa_vouchers_issued_total{assertion=\"proximity\","
                  "format=\"cms_json\"} 0"));
}

TEST(Metrics, SayWhyAProcessIsNotReadyAndForgetIt) {
  Metrics metrics;
  const std::string away = "masa_not_ready{reason=\"STORE_UNAVAILABLE\"} ";
  metrics.SetReady(Refuse(Reason::kStoreUnavailable, "gone"));
  EXPECT_TRUE(Has(metrics, away + "1"));
  EXPECT_TRUE(Has(metrics, "masa_not_ready{reason=\"DRAINING\"} 0"));
  metrics.SetReady(absl::OkStatus());
  EXPECT_TRUE(Has(metrics, away + "0"));
}

class OneRefusal final : public signing::Signer {
 public:
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext&, const std::string&,
      absl::Span<const signing::ToBeSigned> items) override {
    std::vector<absl::StatusOr<std::string>> answers(items.size(), "s");
    answers.front() = Refuse(Reason::kKeyNotForThis, "no voucher");
    return answers;
  }
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext&, const std::string&) override {
    return Refuse(Reason::kKeyUnknown, "none");
  }
};

TEST(MeteredSigner, CountsCallsByKeyAndItemsByOutcome) {
  Metrics metrics;
  OneRefusal signer;
  MeteredSigner metered(signer, metrics.registry(), "local");
  std::vector<signing::ToBeSigned> items;
  for (int i = 0; i < 3; ++i) {
    items.push_back(signing::ToBeSigned::Test("content"));
  }
  EXPECT_EQ(metered.Sign({}, "vouchers@7", items).size(), 3u);
  for (const char* line : {"masa_signer_signatures_total{backend=\"local\"} 3",
                           "masa_signer_errors_total{backend=\"local\","
                           "code=\"KEY_NOT_FOR_THIS\"} 1",
                           "masa_voucher_lint_failures_total 1",
                           "masa_voucher_batch_size_bucket{le=\"2\"} 0",
                           "masa_voucher_batch_size_bucket{le=\"4\"} 1",
                           "masa_signer_sign_seconds_count{backend=\"local\","
                           "key=\"vouchers\"} 1"}) {
    EXPECT_TRUE(Has(metrics, line)) << line;
  }
}

TEST(ObservedRegistrarDesk, CountsAnswersAndRefusalsAndChangesNeither) {
  Metrics metrics;
  FixedDesk desk;
  ObservedRegistrarDesk observed(desk, metrics);
  const auto answer = observed.RequestVoucher({});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->body, "voucher");
  desk.status = Refuse(Reason::kDeviceUnknown, "no such device");
  EXPECT_EQ(observed.RequestVoucher({}).status(), desk.status);
  EXPECT_TRUE(Has(metrics, "masa_voucher_requests_total 2"));
  EXPECT_TRUE(
      Has(metrics,
          "masa_voucher_requests_denied_total{reason=\"DEVICE_UNKNOWN\"} 1"));
}

TEST(MeteredIssuanceLog, CountsAVoucherOnceHoweverOftenItIsReplayed) {
  Metrics metrics;
  FixedLog log;
  storage::Committed committed;
  committed.voucher.assertion = masa::v1::ASSERTION_LOGGED;
  committed.voucher.format = masa::v1::FORMAT_CMS_JSON;
  log.answers = {committed};
  MeteredIssuanceLog metered(log, metrics);
  metered.Commit({}, {});
  committed.replayed = true;
  log.answers = {committed, Refuse(Reason::kStoreUnavailable, "gone")};
  metered.Commit({}, {});
  EXPECT_TRUE(Has(metrics,
                  "masa_vouchers_issued_total{assertion=\"logged\","
                  "format=\"cms_json\"} 1"));
  EXPECT_TRUE(Has(metrics, "masa_voucher_commits_total 3"));
  EXPECT_TRUE(
      Has(metrics,
          "masa_voucher_commits_failed_total{reason=\"STORE_UNAVAILABLE\"} 1"));
}

TEST(ObservedEdge, TellsHowLateEachLoopRuns) {
  Metrics metrics;
  ObservedEdge edge(metrics.registry(), 2);
  edge.LoopRan(1, absl::Milliseconds(30));
  edge.LoopRan(2, absl::Seconds(1));  // there is none such
  const std::string name = "masa_event_loop_lag_seconds";
  EXPECT_TRUE(Has(metrics, name + "_count{loop=\"edge-0\"} 0"));
  EXPECT_TRUE(Has(metrics, name + "_count{loop=\"edge-1\"} 1"));
  EXPECT_TRUE(Has(metrics, name + "_bucket{loop=\"edge-1\",le=\"0.025\"} 0"));
  EXPECT_TRUE(Has(metrics, name + "_bucket{loop=\"edge-1\",le=\"0.05\"} 1"));
  EXPECT_FALSE(Has(metrics, "edge-2"));
}

TEST(ObservedEdge, CountsByRouteAndClassAndKnowsItsConnections) {
  Metrics metrics;
  ObservedEdge edge(metrics.registry(), 1);
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_total{route=\"requestvoucher\","
                  "status=\"5xx\"} 0"));
  for (const auto& [route, status] :
       {std::pair<const char*, int>{"requestvoucher", 200},
        {"requestvoucher", 403},
        {"serverkeygen", 200},
        {"never heard of", 404}}) {
    EdgeRequest request;
    request.route = route;
    request.http_status = status;
    edge.RequestFinished(request);
  }
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_total{route=\"requestvoucher\","
                  "status=\"2xx\"} 1"));
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_total{route=\"requestvoucher\","
                  "status=\"4xx\"} 1"));
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_total{route=\"serverkeygen\","
                  "status=\"2xx\"} 1"));
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_total{route=\"other\","
                  "status=\"4xx\"} 1"));
  EdgeRequest turned_away;
  turned_away.http_status = 429;
  turned_away.status = Refuse(Reason::kRateLimited, "later");
  edge.RequestFinished(turned_away);
  turned_away.status = Refuse(Reason::kDeviceUnknown, "none");
  edge.RequestFinished(turned_away);
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_turned_away_total{reason="
                  "\"RATE_LIMITED\"} 1"));
  EXPECT_TRUE(Has(metrics,
                  "masa_https_requests_turned_away_total{reason="
                  "\"OVERLOADED\"} 0"));
  edge.ConnectionOpened();
  edge.ConnectionOpened();
  edge.ConnectionClosed();
  edge.HandshakeFailed("timeout");
  EXPECT_TRUE(Has(metrics, "masa_https_connections 1"));
  EXPECT_TRUE(Has(metrics, "masa_https_handshakes_failed_total 1"));
}

TEST(LogLevel, HoldsAnOverrideUntilItsEndWhateverIsConfigured) {
  const absl::Time noon = absl::FromUnixSeconds(43'200);
  LogLevel level;
  EXPECT_EQ(level.At(noon), Level::kInfo);
  level.Override(Level::kDebug, noon + absl::Minutes(1));
  level.Configure(Level::kWarn);
  EXPECT_EQ(level.At(noon), Level::kDebug);
  const LogLevel::State state = level.Read(noon);
  EXPECT_EQ(state.level, Level::kDebug);
  EXPECT_EQ(state.configured, Level::kWarn);
  EXPECT_EQ(state.until, noon + absl::Minutes(1));
  EXPECT_EQ(level.At(noon + absl::Minutes(1)), Level::kWarn);
  EXPECT_EQ(level.Read(noon + absl::Minutes(2)).until, absl::InfinitePast());
}

TEST(HsmEvents, TellsHowBusyTheTokensAreAndWhatWaits) {
  Metrics metrics;
  HsmEvents events(metrics.registry(), {"a", "b"});
  events.Waited(absl::Milliseconds(30));
  events.Measure({7, {{"a", 3, 1, 4, 0}, {"b", 0, 0, 0, 8}}});
  for (const char* line :
       {"masa_signer_queue_depth 7",
        "masa_signer_sessions{state=\"busy\",token=\"a\"} 3",
        "masa_signer_sessions{state=\"lost\",token=\"a\"} 1",
        "masa_signer_sessions{state=\"idle\",token=\"a\"} 4",
        "masa_signer_sessions{state=\"closed\",token=\"b\"} 8",
        "masa_signer_queue_wait_seconds_bucket{le=\"0.025\"} 0",
        "masa_signer_queue_wait_seconds_bucket{le=\"0.05\"} 1"}) {
    EXPECT_TRUE(Has(metrics, line)) << line << '\n' << metrics.Text();
  }
  events.TokenWent("b", "CKR_TOKEN_NOT_PRESENT", false);
  EXPECT_TRUE(Has(metrics, "masa_hsm_token_open{token=\"b\"} 0"));
}

TEST(AuditMetrics, CountVerificationsByWhatTheyFound) {
  Metrics metrics;
  AuditMetrics audit(metrics.registry());
  // Before the first, so that it is an increase.
  EXPECT_TRUE(
      Has(metrics, "masa_audit_verifications_total{outcome=\"broken\"} 0"));
  audit.CountVerification(AuditMetrics::Verdict::kBroken);
  audit.CountVerification(AuditMetrics::Verdict::kHeld);
  audit.CountVerification(AuditMetrics::Verdict::kHeld);
  audit.CountVerification(AuditMetrics::Verdict::kCancelled);
  for (const char* line :
       {"masa_audit_verifications_total{outcome=\"broken\"} 1",
        "masa_audit_verifications_total{outcome=\"held\"} 2",
        "masa_audit_verifications_total{outcome=\"cancelled\"} 1"}) {
    EXPECT_TRUE(Has(metrics, line)) << line;
  }
}

TEST(TimedStages, EachRequestOfABatchCountsWithItsStage) {
  Metrics metrics;
  TimedStages stages(metrics.registry());
  int ran = 0;
  stages.Run(issuance::Stage::kSign, 3, [&ran] { ++ran; });
  stages.Run(issuance::Stage::kSign, 2, [&ran] { ++ran; });
  stages.Run(issuance::Stage::kCommit, 1, [&ran] { ++ran; });
  EXPECT_EQ(ran, 3);
  const std::string name = "masa_voucher_issue_seconds_";
  EXPECT_TRUE(Has(metrics, name + "count{stage=\"sign\"} 5"));
  EXPECT_TRUE(Has(metrics, name + "bucket{stage=\"sign\",le=\"+Inf\"} 5"));
  EXPECT_TRUE(Has(metrics, name + "count{stage=\"commit\"} 1"));
  EXPECT_TRUE(Has(metrics, name + "count{stage=\"verify\"} 0"));
}

}  // namespace
}  // namespace masa::telemetry
