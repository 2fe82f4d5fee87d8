#include "services/wire/pledge_status.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::wire {
namespace {

// RFC 8995 sections 5.7 and 5.9.4, CR-22.
TEST(PledgeStatus, ReadsWhatTheRfcShows) {
  const auto status = ParsePledgeStatus(
      R"({"version":1,"status":false,"reason":"Informative \u00fc message",
          "reason-context":{ "additional" : "JSON" }})");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->version, 1);
  EXPECT_FALSE(status->success);
  EXPECT_EQ(status->reason, "Informative \xc3\xbc message");
  EXPECT_EQ(status->context_json, R"({ "additional" : "JSON" })");
  EXPECT_FALSE(status->is_newer);
  EXPECT_TRUE(status->unknown_keys.empty());
}

TEST(PledgeStatus, WhatItDoesNotKnowIsNamedAndPassedOver) {
  const auto status = ParsePledgeStatus(
      R"({"version":2,"status":true,"Reason":"x","nested":{"status":[1,2]}})");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_TRUE(status->is_newer);
  EXPECT_TRUE(status->success);
  EXPECT_EQ(status->reason, "");
  EXPECT_EQ(status->unknown_keys,
            (std::vector<std::string>{"Reason", "nested"}));
}

TEST(PledgeStatus, RefusesWhatIsNotThat) {
  const std::string cases[] = {
      "",
      "[]",
      "{}",
      R"({"version":1})",
      R"({"status":true})",
      R"({"version":"1","status":true})",
      R"({"version":0,"status":true})",
      R"({"version":-1,"status":true})",
      R"({"version":1.5,"status":true})",
      R"({"version":1e300,"status":true})",
      R"({"version":1,"status":"true"})",
      R"({"version":1,"status":1})",
      R"({"version":1,"status":null})",
      R"({"version":1,"status":true,"status":false})",
      R"({"version":1,"status":true,"reason":7})",
      R"({"version":1,"status":true,"reason":"a\u0000b"})",
      R"({"version":1,"status":true,"reason-context":"x"})",
      R"({"version":1,"status":true} x)",
      "{\"version\":1,\"status\":true,\"reason\":\"\xff\"}",
  };
  for (const std::string& json : cases) {
    EXPECT_EQ(ReasonOf(ParsePledgeStatus(json).status()), Reason::kMalformed)
        << json;
  }
}

TEST(PledgeStatus, LongWordsAreCutInWholeCharacters) {
  std::string reason(1023, 'r');
  reason += "\xc3\xbc tail";
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += ",\"" + std::string(100, static_cast<char>('a' + i)) + "\":0";
  }
  const auto status =
      ParsePledgeStatus("{\"version\":1,\"status\":true,\"reason\":\"" +
                        reason + "\",\"reason-context\":{\"x\":\"" +
                        std::string(5000, 'c') + "\"}" + many + "}");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->reason, std::string(1023, 'r'));
  EXPECT_EQ(status->context_json, "");
  ASSERT_EQ(status->unknown_keys.size(), 8u);
  EXPECT_EQ(status->unknown_keys[0], std::string(64, 'a'));
}

}  // namespace
}  // namespace masa::wire
