#include "services/authority/resume_token.h"

#include <limits>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/authority/pages.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;
using identity::Role;

const Principal kOwner = {Role::kCustomer, "n", "acme", "org", "robot"};

TEST(ResumeToken, IsReadBackAsItWasWritten) {
  storage::FeedCursor place = {};
  place[0] = std::numeric_limits<int64_t>::max();
  place[1] = 127;
  place[2] = 128;
  place[63] = 1;
  const auto read = PlaceOfToken(kOwner, ResumeTokenOf(kOwner, place));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, place);
  place.fill(std::numeric_limits<int64_t>::max());
  EXPECT_LE(ResumeTokenOf(kOwner, place).size(), 900u);
  EXPECT_EQ(**PlaceOfToken(kOwner, ResumeTokenOf(kOwner, place)), place);
  EXPECT_EQ(*PlaceOfToken(kOwner, ""), std::nullopt);
}

TEST(ResumeToken, IsOfOneCallerAlone) {
  const std::string token = ResumeTokenOf(kOwner, {});
  const struct {
    const char* name;
    Principal caller;
  } others[] = {
      {"an operator", {Role::kOperator, "n", "acme", "org", "robot"}},
      {"another tenant", {Role::kCustomer, "n", "globex", "org", "robot"}},
      {"another customer", {Role::kCustomer, "n", "acme", "other", "robot"}},
      {"another account", {Role::kCustomer, "n", "acme", "org", "ada"}},
      {"names that run together", {Role::kCustomer, "n", "acme:3", "org", ""}},
  };
  for (const auto& other : others) {
    EXPECT_EQ(ReasonOf(PlaceOfToken(other.caller, token).status()),
              Reason::kPageTokenInvalid)
        << other.name;
  }
}

TEST(ResumeToken, RefusesWhatIsNone) {
  const std::string good = ResumeTokenOf(kOwner, {});
  std::string octets;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(good, &octets));
  const auto token = [](const std::string& raw) {
    return absl::WebSafeBase64Escape(raw);
  };
  const struct {
    const char* name;
    std::string token;
  } cases[] = {
      {"no base64", "%%%"},
      {"a page token", PageTokenOf("masa.v1.ListDevicesRequest:acme", "x")},
      {"one number less", token(octets.substr(0, octets.size() - 1))},
      {"one octet more", token(octets + '\0')},
      {"a number without end",
       token(octets.substr(0, 8) + std::string(64, '\xff'))},
      {"too long", std::string(1001, 'A')},
  };
  for (const auto& c : cases) {
    const absl::Status status = PlaceOfToken(kOwner, c.token).status();
    EXPECT_EQ(ReasonOf(status), Reason::kPageTokenInvalid) << c.name;
    const auto faults = FieldFaultsOf(status);
    ASSERT_EQ(faults.size(), 1u) << c.name;
    EXPECT_EQ(faults[0].field, "resume_token");
  }
}

}  // namespace
}  // namespace masa::authority
