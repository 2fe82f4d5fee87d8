#include "services/status/reason.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace masa {
namespace {

TEST(Reason, TableIsInTheOrderOfTheEnumAndNamesAreUnique) {
  int count = 0;
  const ReasonInfo* rows = AllReasons(&count);
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(static_cast<int>(rows[i].reason), i);
    EXPECT_TRUE(names.insert(std::string(rows[i].name)).second) << rows[i].name;
    // The one that says "not yet" is no error to HTTP (EP-41).
    EXPECT_TRUE(rows[i].http_status >= 400 ||
                rows[i].reason == Reason::kApprovalPending);
    EXPECT_NE(rows[i].code, absl::StatusCode::kOk);
  }
}

TEST(Reason, TravelsWithItsStatus) {
  const absl::Status status = Refuse(Reason::kDeviceUnknown, "no such device");
  EXPECT_EQ(ReasonOf(status), Reason::kDeviceUnknown);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(PublicMessage(status), "no such device");
}

TEST(Reason, StatusWithoutOneIsInternalAndHidesItsMessage) {
  const absl::Status status = absl::UnknownError("password is hunter2");
  EXPECT_EQ(ReasonOf(status), Reason::kInternal);
  EXPECT_EQ(PublicMessage(status).find("hunter2"), std::string::npos);
}

TEST(Reason, ARefusalMaySayHowLongItHolds) {
  const absl::Status refusal =
      RefuseFor(absl::Milliseconds(1500), Reason::kRateLimited, "later");
  EXPECT_EQ(ReasonOf(refusal), Reason::kRateLimited);
  EXPECT_EQ(WaitOf(refusal), absl::Seconds(2));
  EXPECT_FALSE(WaitOf(Refuse(Reason::kRateLimited, "later")).has_value());
}

}  // namespace
}  // namespace masa
