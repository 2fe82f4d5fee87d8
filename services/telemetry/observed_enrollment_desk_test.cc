#include "services/telemetry/observed_enrollment_desk.h"

#include <string>

#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "services/telemetry/status_metrics.h"

namespace masa::telemetry {
namespace {

using issuance::EstOperation;

class FixedDesk final : public issuance::EnrollmentDesk {
 public:
  absl::StatusOr<issuance::EstAnswer> answer;
  void Ask(std::vector<issuance::PendingEst> calls) override {
    for (issuance::PendingEst& one : calls) {
      one.respond(answer);
    }
  }
};

bool Has(const prometheus::Registry& registry, const std::string& line) {
  return prometheus::TextSerializer()
             .Serialize(registry.Collect())
             .find(line + "\n") != std::string::npos;
}

TEST(ObservedEnrollmentDesk, CountsEnrolmentsByOutcomeAndNothingElse) {
  prometheus::Registry registry;
  FixedDesk desk;
  ObservedEnrollmentDesk observed(desk, registry);
  EXPECT_TRUE(Has(registry, "masa_enrollments_total 0"));
  desk.answer = issuance::EstAnswer{{"der"}};
  for (const EstOperation operation :
       {EstOperation::kCaCerts, EstOperation::kCsrAttrs,
        EstOperation::kSimpleEnroll, EstOperation::kSimpleReenroll,
        EstOperation::kServerKeygen}) {
    issuance::EstCall call;
    call.operation = operation;
    const auto answer = observed.AskOne(call);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->certificates_der, std::vector<std::string>{"der"});
  }
  desk.answer = Refuse(Reason::kCertExists, "there is one");
  issuance::EstCall call;
  call.operation = EstOperation::kSimpleEnroll;
  EXPECT_EQ(ReasonOf(observed.AskOne(call).status()), Reason::kCertExists);
  EXPECT_TRUE(Has(registry, "masa_enrollments_total 4"));
  EXPECT_TRUE(
      Has(registry, "masa_enrollments_denied_total{reason=\"CERT_EXISTS\"} 1"));
  EXPECT_TRUE(Has(registry, "masa_enrollments_seconds_count 4"));
}

TEST(StatusMetrics, TellsWhatWasSignedAhead) {
  prometheus::Registry registry;
  StatusMetrics metrics(registry);
  metrics.Count(256, 0);
  metrics.Count(3, 2);
  const std::string name = "masa_ocsp_responses_signed_ahead_total";
  EXPECT_TRUE(Has(registry, name + "{outcome=\"signed\"} 259"));
  EXPECT_TRUE(Has(registry, name + "{outcome=\"failed\"} 2"));
}

}  // namespace
}  // namespace masa::telemetry
