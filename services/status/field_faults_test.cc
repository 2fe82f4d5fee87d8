#include "services/status/field_faults.h"

#include "gtest/gtest.h"

namespace masa {
namespace {

TEST(FieldChecker, NamesAllThatIsWrong) {
  FieldChecker check;
  check.Need("group_id", true);
  EXPECT_TRUE(check.Finish().ok());
  check.Need("parent", false);
  check.Fault("lifetime", "is in the past");
  const absl::Status status = check.Finish();
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidArgument);
  EXPECT_EQ(status.message(), "parent is needed; lifetime is in the past");
  EXPECT_EQ(FieldFaultsOf(status),
            (std::vector<FieldFault>{{"parent", "is needed"},
                                     {"lifetime", "is in the past"}}));
}

TEST(AtField, KeepsReasonAndMessage) {
  const absl::Status status =
      AtField(Refuse(Reason::kDeviceUnknown, "no such device"), "component[3]");
  EXPECT_EQ(ReasonOf(status), Reason::kDeviceUnknown);
  EXPECT_EQ(status.message(), "no such device");
  ASSERT_EQ(FieldFaultsOf(status).size(), 1u);
  EXPECT_EQ(FieldFaultsOf(status)[0].field, "component[3]");
  // What is hidden outside stays hidden.
  EXPECT_TRUE(
      FieldFaultsOf(AtField(absl::UnknownError("secret"), "x")).empty());
}

TEST(Recode, KeepsTheReasonUnderAnotherCode) {
  const absl::Status status =
      Recode(Refuse(Reason::kDeviceUnknown, "no such device"),
             absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), Reason::kDeviceUnknown);
}

}  // namespace
}  // namespace masa
