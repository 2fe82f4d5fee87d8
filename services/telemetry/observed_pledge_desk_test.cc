#include "services/telemetry/observed_pledge_desk.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "services/status/reason.h"

namespace masa::telemetry {
namespace {

class FixedDesk final : public issuance::PledgeDesk {
 public:
  absl::StatusOr<issuance::PledgeAnswer> answer{issuance::PledgeAnswer()};
  void Ask(std::vector<issuance::PendingPledge> calls) override {
    for (issuance::PendingPledge& one : calls) {
      one.respond(answer);
    }
  }
};

bool Has(const prometheus::Registry& registry, const std::string& line) {
  return prometheus::TextSerializer()
             .Serialize(registry.Collect())
             .find(line + "\n") != std::string::npos;
}

// CR-22: people are alerted by a counter, which is there before it moves.
TEST(ObservedPledgeDesk, CountsTelemetryOfANewerVersion) {
  const std::string name = "masa_pledge_telemetry_newer_total";
  prometheus::Registry registry;
  FixedDesk desk;
  ObservedPledgeDesk observed(desk, registry);
  EXPECT_TRUE(Has(registry, name + " 0"));
  desk.answer->unknown_keys = {"colour"};
  EXPECT_TRUE(observed.AskOne({}).ok());
  desk.answer = Refuse(Reason::kMalformed, "no JSON");
  EXPECT_FALSE(observed.AskOne({}).ok());
  EXPECT_TRUE(Has(registry, name + " 0"));
  desk.answer = issuance::PledgeAnswer();
  desk.answer->is_newer_telemetry = true;
  EXPECT_TRUE(observed.AskOne({}).ok());
  EXPECT_TRUE(Has(registry, name + " 1"));
}

}  // namespace
}  // namespace masa::telemetry
