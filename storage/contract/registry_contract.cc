#include <algorithm>
#include <set>

#include "services/status/field_faults.h"
#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

const OnceOrder kOnce = {{"a", "tester", "my-id"}, std::string(32, 'd')};

// An edit of device "S" that gives it a model.
DeviceEdit Model(const std::string& model) {
  DeviceEdit edit;
  edit.device = {"a", "S", std::nullopt};
  edit.kind = kDeviceUpdated;
  edit.plan = [model](const Device& stored) {
    Device planned = stored;
    planned.model = model;
    return planned;
  };
  return edit;
}

DeviceEdit Deletion(bool deletes, absl::Time at) {
  DeviceEdit edit = Model("");
  edit.kind = deletes ? kDeviceDeleted : kDeviceUndeleted;
  edit.is_deleted = !deletes;
  edit.plan = [deletes, at](const Device& stored) {
    Device planned = stored;
    planned.deleted_at = deletes ? std::optional(at) : std::nullopt;
    return planned;
  };
  return edit;
}

TEST_P(RegistryContract, CreatesADeviceWithAllThatIsSaidOfIt) {
  DeviceCreation creation;
  creation.device = MakeDevice("a", "S");
  creation.device.labels = {{"site", "b"}};
  creation.device.organization_id = "o";
  creation.device.details = {"rev \"B\"",
                             std::string("\x30\x00\xff", 3),
                             "ppk",
                             absl::FromUnixMicros(1690000000000001),
                             absl::FromUnixMicros(-5),
                             "SO-1"};
  const auto made = registry().Create(context_, "t", now_, creation);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto found = FindOne({{"a", "S", std::nullopt}, ""});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->device, *made);
  EXPECT_EQ(found->device.details, creation.device.details);
  EXPECT_EQ(CountEvents(kDeviceCreated), 1);
  EXPECT_REASON(Reason::kDeviceExists,
                registry().Create(context_, "t", now_, creation));
}

TEST_P(RegistryContract, KnowsWhenADeviceWasFirstAndLastWritten) {
  const absl::Time later = now_ + absl::Hours(1) + absl::Microseconds(7);
  DeviceCreation creation;
  creation.device = MakeDevice("a", "S");
  // What the caller says of it does not count.
  creation.device.created_at = later;
  const auto made = registry().Create(context_, "t", now_, creation);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->created_at, now_);
  EXPECT_EQ(made->updated_at, now_);
  const auto edited = registry().Edit(context_, "t", later, Model("m"));
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(edited->created_at, now_);
  EXPECT_EQ(edited->updated_at, later);
  EXPECT_EQ(*edited, FindOne({{"a", "S", std::nullopt}, ""})->device);
  // An edit that changes nothing is none.
  EXPECT_EQ(registry().Edit(context_, "t", now_, Model("m"))->updated_at,
            later);
  Device imported = MakeDevice("a", "I");
  for (const absl::Time at : {now_, later}) {
    ASSERT_TRUE(devices()
                    .Import(context_, "t", at, {imported}, OnConflict::kUpdate)
                    .at(0)
                    .ok());
  }
  const Device stored = FindOne({{"a", "I", std::nullopt}, ""})->device;
  EXPECT_EQ(stored.created_at, now_);
  EXPECT_EQ(stored.updated_at, later);
}

TEST_P(RegistryContract, ABatchIsMadeWholeOrNotAtAll) {
  BatchCreation batch;
  for (const char* serial : {"3", "1", "2"}) {
    batch.devices.push_back(MakeDevice("a", serial));
  }
  batch.devices[1].organization_id = "o";
  batch.validate_only = true;
  EXPECT_EQ(registry().CreateAll(context_, "t", now_, batch)->size(), 3u);
  EXPECT_EQ(CountEvents(kDeviceCreated), 0);
  batch.validate_only = false;
  batch.once = kOnce;
  for (int i = 0; i < 2; ++i) {  // the second one is a repeat
    const auto made = registry().CreateAll(context_, "t", now_, batch);
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_EQ(made->size(), 3u);
    EXPECT_EQ((*made)[0].serial_number, "3");
    EXPECT_EQ((*made)[1], FindOne({{"a", "1", std::nullopt}, ""})->device);
    EXPECT_EQ((*made)[2].serial_number, "2");
    EXPECT_EQ(CountEvents(kDeviceCreated), 3);
  }
  const Device owned = FindOne({{"a", "1", std::nullopt}, ""})->device;
  EXPECT_EQ(
      histories()
          .ReadHistory(context_, {owned.bucket, owned.device_id, false, 0, 9})
          ->size(),
      1u);
  batch.once->digest = std::string(32, 'x');
  EXPECT_REASON(Reason::kRequestIdReused,
                registry().CreateAll(context_, "t", now_, batch));
}

TEST_P(RegistryContract, ABatchSaysWhichDeviceCannotBe) {
  ImportOne(MakeDevice("a", "old"));
  Device homeless = MakeDevice("a", "x");
  homeless.organization_id = "none";
  Device odd = MakeDevice("a", "x");
  odd.product_id = "none";
  const struct {
    std::vector<Device> devices;
    Reason reason;
    const char* field;
  } cases[] = {
      {{MakeDevice("a", "new"), MakeDevice("a", "old")},
       Reason::kDeviceExists,
       "devices[1]"},
      {{MakeDevice("a", "new"), MakeDevice("a", "new")},
       Reason::kDeviceExists,
       "devices[1]"},
      {{homeless, MakeDevice("a", "new")},
       Reason::kOrganizationUnknown,
       "devices[0]"},
      {{MakeDevice("a", "new"), odd}, Reason::kProductUnknown, "devices[1]"},
  };
  for (const auto& c : cases) {
    const auto made =
        registry().CreateAll(context_, "t", now_, {c.devices, kOnce});
    EXPECT_REASON(c.reason, made);
    ASSERT_EQ(FieldFaultsOf(made.status()).size(), 1u) << made.status();
    EXPECT_EQ(FieldFaultsOf(made.status())[0].field, c.field);
    EXPECT_REASON(Reason::kDeviceUnknown,
                  FindOne({{"a", "new", std::nullopt}, ""}));
  }
  EXPECT_EQ(CountEvents(kDeviceCreated), 0);
}

TEST_P(RegistryContract, ADeviceInTransferIsBlockedButNotEdited) {
  Device offered = MakeDevice("a", "S");
  offered.state = DeviceState::kInTransfer;
  ImportOne(offered);
  EXPECT_REASON(Reason::kDeviceInTransfer,
                registry().Edit(context_, "t", now_, Model("m")));
  DeviceEdit block = Model("");
  block.plan = [](const Device& stored) {
    Device planned = stored;
    planned.state = DeviceState::kBlocked;
    return planned;
  };
  EXPECT_TRUE(registry().Edit(context_, "t", now_, block).ok());
}

TEST_P(RegistryContract, CreateRefusesWhatAnImportRefuses) {
  DeviceCreation creation;
  creation.device = MakeDevice("a", "S");
  creation.device.product_id = "none";
  EXPECT_REASON(Reason::kProductUnknown,
                registry().Create(context_, "t", now_, creation));
  creation.device = MakeDevice("a", "\xff");
  EXPECT_REASON(Reason::kInvalidArgument,
                registry().Create(context_, "t", now_, creation));
  creation.device = MakeDevice("a", "S");
  creation.validate_only = true;
  EXPECT_TRUE(registry().Create(context_, "t", now_, creation).ok());
  EXPECT_REASON(Reason::kDeviceUnknown,
                FindOne({{"a", "S", std::nullopt}, ""}));
  EXPECT_EQ(CountEvents(kDeviceCreated), 0);
}

TEST_P(RegistryContract, EditWritesWhatThePlanSays) {
  ImportOne(MakeDevice("a", "S"));
  const auto edited = registry().Edit(context_, "t", now_, Model("m"));
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(edited->version, 2);
  EXPECT_EQ(FindOne({{"a", "S", std::nullopt}, ""})->device, *edited);
  ASSERT_TRUE(registry().Edit(context_, "t", now_, Model("m")).ok());
  EXPECT_EQ(CountEvents(kDeviceUpdated), 1) << "the second changes nothing";

  DeviceEdit validated = Model("n");
  validated.validate_only = true;
  EXPECT_EQ(registry().Edit(context_, "t", now_, validated)->model, "n");
  EXPECT_EQ(FindOne({{"a", "S", std::nullopt}, ""})->device.model, "m");

  DeviceEdit foreign = Model("m");
  foreign.device.tenant_id = "b";
  EXPECT_REASON(Reason::kDeviceUnknown,
                registry().Edit(context_, "t", now_, foreign));
  DeviceEdit other_product = Model("x");
  other_product.product_id = "none";
  other_product.plan = [](const Device& stored) {
    Device planned = stored;
    planned.product_id = "none";
    return planned;
  };
  EXPECT_REASON(Reason::kProductUnknown,
                registry().Edit(context_, "t", now_, other_product));
}

// AIP-155: a repeat changes nothing.
TEST_P(RegistryContract, ARepeatIsAnsweredAndNotDoneAgain) {
  DeviceCreation creation;
  creation.device = MakeDevice("a", "S");
  creation.once = kOnce;
  ASSERT_TRUE(registry().Create(context_, "tester", now_, creation).ok());
  ASSERT_TRUE(registry().Edit(context_, "t", now_, Model("m")).ok());
  const auto again = registry().Create(context_, "tester", now_, creation);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->model, "m") << "as it is now";
  EXPECT_EQ(CountEvents(kDeviceCreated), 1);

  DeviceEdit other = Model("n");
  other.once = kOnce;
  other.once->digest = std::string(32, 'e');
  EXPECT_REASON(Reason::kRequestIdReused,
                registry().Edit(context_, "tester", now_, other));
  EXPECT_EQ(FindOne({{"a", "S", std::nullopt}, ""})->device.model, "m");
}

TEST_P(RegistryContract, WhatIsDeletedIsUnknownUntilItIsBroughtBack) {
  Device device = MakeDevice("a", "S");
  device.organization_id = "o";
  ImportOne(device);
  const DeviceKey key = {"a", "S", std::nullopt};
  ASSERT_TRUE(registry().Edit(context_, "t", now_, Deletion(true, now_)).ok());
  EXPECT_REASON(Reason::kDeviceUnknown, FindOne({key, ""}));
  EXPECT_REASON(Reason::kDeviceUnknown,
                devices().Assign(context_, "t", now_, {key}, "q").at(0));
  EXPECT_REASON(Reason::kDeviceUnknown,
                devices().SetBlocked(context_, "t", now_, {key}, true).at(0));
  EXPECT_REASON(Reason::kDeviceUnknown,
                registry().Edit(context_, "t", now_, Model("m")));
  EXPECT_TRUE(owned().ListOwned(context_, "a", "o", {}, 10)->empty());
  // Its serial number stays taken.
  for (const OnConflict on : {OnConflict::kFail, OnConflict::kUpdate}) {
    EXPECT_REASON(Reason::kDeviceExists,
                  devices().Import(context_, "t", now_, {device}, on).at(0));
  }
  ASSERT_TRUE(registry().Edit(context_, "t", now_, Deletion(false, now_)).ok());
  EXPECT_EQ(FindOne({key, ""})->device.version, 3);
  EXPECT_EQ(CountEvents(kDeviceDeleted) + CountEvents(kDeviceUndeleted), 2);
}

struct Listed {
  const char* what;
  DeviceFilter filter;
  std::set<std::string> serials;
};

TEST_P(RegistryContract, ListsWhatTheFilterLetsThrough) {
  Device owned = MakeDevice("a", "owned");
  owned.organization_id = "o";
  owned.model = "m";
  Device labelled = MakeDevice("a", "labelled");
  labelled.labels = {{"site", "it's \"b\""}, {"x", ""}};
  Device blocked = MakeDevice("a", "blocked");
  blocked.state = DeviceState::kBlocked;
  for (const Device& device :
       {owned, labelled, blocked, MakeDevice("a", "S"), MakeDevice("b", "S")}) {
    ImportOne(device);
  }
  ASSERT_TRUE(registry().Edit(context_, "t", now_, Deletion(true, now_)).ok());
  const Listed cases[] = {
      {"all", {}, {"owned", "labelled", "blocked"}},
      {"also deleted",
       {.also_deleted = true},
       {"owned", "labelled", "blocked", "S"}},
      {"of a customer", {.organization_id = "o"}, {"owned"}},
      {"of nobody", {.owned = false}, {"labelled", "blocked"}},
      {"of anybody", {.owned = true}, {"owned"}},
      {"state", {.state = DeviceState::kBlocked}, {"blocked"}},
      {"product", {.product_id = "none"}, {}},
      {"model", {.model = "m"}, {"owned"}},
      {"both", {.state = DeviceState::kBlocked, .model = "m"}, {}},
      {"label", {.labels = {{"site", "it's \"b\""}}}, {"labelled"}},
      {"labels", {.labels = {{"site", "it's \"b\""}, {"x", "y"}}}, {}},
      {"group", {.group_id = "g"}, {}},
      {"no text", {.model = "\xff"}, {}},
  };
  for (const Listed& listed : cases) {
    const auto page =
        registry().List(context_, "a", listed.filter, DevicePlace{}, 100);
    ASSERT_TRUE(page.ok()) << listed.what << page.status();
    std::set<std::string> serials;
    for (const Device& device : page->devices) {
      serials.insert(device.serial_number);
    }
    EXPECT_EQ(serials, listed.serials) << listed.what;
    EXPECT_FALSE(page->next.has_value()) << listed.what;
    const auto count =
        registry().Count(context_, "a", listed.filter, DevicePlace{});
    ASSERT_TRUE(count.ok()) << listed.what << count.status();
    EXPECT_EQ(count->devices, static_cast<int64_t>(serials.size()))
        << listed.what;
    EXPECT_FALSE(count->next.has_value()) << listed.what;
  }
}

TEST_P(RegistryContract, PagesHoldEachDeviceOnceInOrder) {
  std::vector<Device> many;
  for (int i = 0; i < 25; ++i) {
    many.push_back(MakeDevice("a", std::to_string(i)));
    many.back().model = i % 2 == 0 ? "even" : "odd";
  }
  (void)devices().Import(context_, "t", now_, many, OnConflict::kFail);
  DeviceFilter even;
  even.model = "even";
  std::vector<std::pair<int16_t, std::string>> places;
  std::optional<DevicePlace> after = DevicePlace{};
  for (int pages = 0; after && pages < 10; ++pages) {
    const auto page = registry().List(context_, "a", even, *after, 4);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const Device& device : page->devices) {
      places.emplace_back(device.bucket, device.device_id);
    }
    after = page->next;
    const auto rest = registry().Count(context_, "a", even,
                                       after.value_or(DevicePlace{1024, ""}));
    ASSERT_TRUE(rest.ok()) << rest.status();
    EXPECT_EQ(rest->devices + static_cast<int64_t>(places.size()), 13);
  }
  EXPECT_FALSE(after.has_value());
  EXPECT_EQ(places.size(), 13u);
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
  EXPECT_EQ(std::set(places.begin(), places.end()).size(), places.size());
}

}  // namespace
}  // namespace masa::storage
