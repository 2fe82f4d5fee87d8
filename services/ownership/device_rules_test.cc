// What operators may do with a device, and how they say which ones they mean.
#include "gtest/gtest.h"
#include "services/ownership/device_edits.h"
#include "services/ownership/device_filter.h"
#include "services/ownership/device_states.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using State = storage::DeviceState;
using storage::Device;
using storage::DeviceFilter;

TEST(DeviceStates, FollowEachOtherAsTheTableSays) {
  // One column for each state to go to, in the order of the numbers.
  struct Case {
    State from;
    const char* allowed;
  };
  const Case cases[] = {
      {State::kManufactured, "1110111"}, {State::kAllocated, "1110111"},
      {State::kClaimed, "0010111"},      {State::kInTransfer, "0111111"},
      {State::kReturned, "1100111"},     {State::kBlocked, "1000111"},
      {State::kScrapped, "0000001"},
  };
  for (const Case& row : cases) {
    for (int to = 1; to <= 7; ++to) {
      const absl::Status may = CheckTransition(row.from, State(to));
      EXPECT_EQ(may.ok(), row.allowed[to - 1] == '1')
          << NameOf(row.from) << " to " << NameOf(State(to));
      EXPECT_TRUE(may.ok() || ReasonOf(may) == Reason::kStateNotAllowed);
    }
  }
}

TEST(DeviceStates, AStateThatIsNoneIsRefused) {
  EXPECT_FALSE(CheckTransition(State::kManufactured, State(0)).ok());
  EXPECT_FALSE(CheckTransition(State::kManufactured, State(31)).ok());
  EXPECT_FALSE(CheckTransition(State(99), State(99)).ok());
}

TEST(DeviceEdits, ChangesWhatTheMaskNamesAndNothingElse) {
  Device stored;
  stored.serial_number = "S";
  stored.model = "old";
  stored.mac_addr = "old";
  Device update;
  update.serial_number = "other";
  update.model = "new";
  update.mac_addr = "new";
  update.details.hw_version = "B";
  update.state = State::kScrapped;
  Device expected = stored;
  expected.model = "new";
  expected.details.hw_version = "B";
  EXPECT_EQ(Updated(stored, update,
                    {"model", "hw_version", "state", "serial_number"}),
            expected);
  EXPECT_TRUE(IsUpdatable("labels"));
  EXPECT_FALSE(IsUpdatable("state"));
  EXPECT_FALSE(IsUpdatable("serial_number"));
}

TEST(DeviceEdits, AnEtagIsTheVersionThatWasRead) {
  Device stored;
  stored.version = 3;
  EXPECT_TRUE(CheckEtag(stored, 3).ok());
  EXPECT_TRUE(CheckEtag(stored, std::nullopt).ok());
  EXPECT_EQ(ReasonOf(CheckEtag(stored, 2)), Reason::kEtagMismatch);
}

TEST(DeviceEdits, ADeletedDeviceLeavesItsGroupAndKeepsItsOwner) {
  Device stored;
  stored.organization_id = "o";
  stored.group_id = "g";
  const Device deleted = Deleted(stored, absl::UnixEpoch());
  EXPECT_EQ(deleted.deleted_at, absl::UnixEpoch());
  EXPECT_EQ(deleted.group_id, "");
  EXPECT_EQ(deleted.organization_id, "o");
  EXPECT_EQ(Undeleted(deleted).deleted_at, std::nullopt);
}

TEST(DeviceFilter, ReadsWhatTheGrammarHas) {
  struct Case {
    std::string text;
    DeviceFilter filter;
  };
  const Case cases[] = {
      {"", {}},
      {"  ", {}},
      {"state=BLOCKED", {.state = State::kBlocked}},
      {"state = IN_TRANSFER AND owned=false",
       {.state = State::kInTransfer, .owned = false}},
      {"product = \"a b\" AND model = X-1.2/3",
       {.product_id = "a b", .model = "X-1.2/3"}},
      {"organization = org-acme", {.organization_id = "org-acme"}},
      {"labels.site = \"q\\\"\\\\\" AND labels.x.y = \"\"",
       {.labels = {{"site", "q\"\\"}, {"x.y", ""}}}},
      {"model = \"a AND b\"", {.model = "a AND b"}},
  };
  for (const Case& of : cases) {
    const auto filter = ParseDeviceFilter(of.text);
    ASSERT_TRUE(filter.ok()) << of.text << ": " << filter.status();
    EXPECT_EQ(*filter, of.filter) << of.text;
  }
}

TEST(DeviceFilter, RefusesAllElseAndNamesTheField) {
  std::string many;
  for (int i = 0; i < 17; ++i) {
    many += (i == 0 ? "" : " AND ") + std::string("labels.") +
            std::to_string(i) + "=1";
  }
  for (const std::string& text :
       {std::string("state"), std::string("state="), std::string("= x"),
        std::string("state = blocked"), std::string("owned = yes"),
        std::string("serial = 1"), std::string("labels. = 1"),
        std::string("model = a model = b"), std::string("model=a OR model=b"),
        std::string("model=a AND"), std::string("model=a AND model=b"),
        std::string("model = \"a"), std::string("model = \"a\\"),
        std::string("model = \"\""), std::string("model > 1"),
        std::string("(model = 1)"), std::string("\xff\0=", 3), many,
        "model = " + std::string(2000, 'x')}) {
    const auto filter = ParseDeviceFilter(text);
    ASSERT_FALSE(filter.ok()) << text;
    EXPECT_EQ(ReasonOf(filter.status()), Reason::kInvalidArgument);
    ASSERT_EQ(FieldFaultsOf(filter.status()).size(), 1u);
    EXPECT_EQ(FieldFaultsOf(filter.status())[0].field, "filter");
  }
}

// Read by people as `filter names the state blocked, ...`.
TEST(DeviceFilter, SaysWhatThereIs) {
  const struct {
    const char* text;
    const char* says;
  } cases[] = {
      {"state = blocked", "filter names the state blocked, and states are "},
      {"state = blocked", "RETURNED, BLOCKED, SCRAPPED (capitals)"},
      {"colour = red", "labels.NAME"},
  };
  for (const auto& c : cases) {
    const std::string said(ParseDeviceFilter(c.text).status().message());
    EXPECT_NE(said.find(c.says), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace masa::ownership
