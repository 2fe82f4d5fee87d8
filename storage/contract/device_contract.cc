#include <thread>

#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

TEST_P(DeviceContract, AnswersWithEverythingThatWasImported) {
  Device device = MakeDevice("a", "S-1 {\"\\,NULL}");
  device.idevid_issuer = std::string("\x00\xff\x04", 3);
  device.idevid_cert_der = std::string("\x30\x00", 2);
  device.model = "M\xc3\xbcller";
  device.mac_addr = "00:11";
  device.ek_public_key_der = "ek";
  device.labels = {{"site", "x \"y\""}, {"empty", ""}};
  device.organization_id = "o";
  ImportOne(device);

  const auto answer = FindOne({{"a", device.serial_number, std::nullopt}, ""});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->device.idevid_issuer, device.idevid_issuer);
  EXPECT_EQ(answer->device.idevid_cert_der, device.idevid_cert_der);
  EXPECT_EQ(answer->device.model, device.model);
  EXPECT_EQ(answer->device.mac_addr, device.mac_addr);
  EXPECT_EQ(answer->device.ek_public_key_der, device.ek_public_key_der);
  EXPECT_EQ(answer->device.labels, device.labels);
  EXPECT_EQ(answer->device.state, DeviceState::kManufactured);
  EXPECT_EQ(answer->device.version, 1);
  EXPECT_EQ(answer->device.bucket, BucketOf("a", device.serial_number));
  EXPECT_EQ(answer->device.device_id,
            DeviceIdOf("a", device.serial_number, device.idevid_issuer));
  ASSERT_EQ(answer->owner_certs.size(), 1u);
  EXPECT_EQ(answer->owner_certs[0].certificate_der, domain_.CertificateDer());
  EXPECT_FALSE(answer->previous.has_value());
}

// In a batch of both views each answer has its own.
TEST_P(DeviceContract, AnOrdersViewIsWhatOrdersAreJudgedBy) {
  Device device = MakeDevice("a", "1");
  device.idevid_issuer = "issuer";
  device.idevid_cert_der = "cert";
  device.model = "model";
  device.labels = {{"site", "x"}};
  device.organization_id = "o";
  ImportOne(device);
  const DeviceKey key = {"a", "1", {}};
  const auto whole = FindOne({key, ""});
  const auto alone = FindOne({key, "", DeviceView::kForOrder});
  ASSERT_TRUE(whole.ok() && alone.ok()) << whole.status() << alone.status();
  EXPECT_EQ(whole->device.model, "model");
  EXPECT_EQ(alone->device, ForOrder(whole->device));
  EXPECT_EQ(alone->device.model, "");
  EXPECT_EQ(alone->owner_certs.size(), 1u);
  const auto both =
      devices().Find(context_, {{key, "", DeviceView::kForOrder}, {key, ""}});
  EXPECT_EQ(both[0]->device, alone->device);
  EXPECT_EQ(both[1]->device, whole->device);
}

// VL-07: then the voucher has to say whose of them it is.
TEST_P(DeviceContract, SaysThatOthersHaveTheSerialNumber) {
  Device first = MakeDevice("a", "1");
  first.idevid_issuer = "issuer-1";
  Device second = first;
  second.idevid_issuer = "issuer-2";
  ImportOne(first);
  ImportOne(MakeDevice("b", "1"));
  ImportOne(MakeDevice("a", "2"));
  for (const auto view : {DeviceView::kWhole, DeviceView::kForOrder}) {
    EXPECT_FALSE(FindOne({{"a", "1", "issuer-1"}, "", view})->serial_shared);
    EXPECT_FALSE(FindOne({{"a", "2", {}}, "", view})->serial_shared);
  }
  ImportOne(second);
  for (const auto view : {DeviceView::kWhole, DeviceView::kForOrder}) {
    EXPECT_TRUE(FindOne({{"a", "1", "issuer-1"}, "", view})->serial_shared);
    EXPECT_TRUE(FindOne({{"a", "1", "issuer-2"}, "", view})->serial_shared);
  }
}

TEST_P(DeviceContract, EachQuestionFailsAlone) {
  ImportOne(MakeDevice("a", "1"));
  const auto answers = devices().Find(
      context_, {{{"a", "unknown", std::nullopt}, ""},
                 {{"a", "1", std::nullopt}, ""},
                 {{"a", std::string("zero\0octet", 10), std::nullopt}, ""},
                 {{"a", "\xff", std::nullopt}, ""},
                 {{"a", "1", std::nullopt}, ""}});
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_REASON(Reason::kDeviceUnknown, answers[0]);
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_REASON(Reason::kDeviceUnknown, answers[2]);
  EXPECT_REASON(Reason::kDeviceUnknown, answers[3]);
  EXPECT_TRUE(answers[4].ok()) << answers[4].status();
}

// RV-13: without an issuer the serial number must be unique.
TEST_P(DeviceContract, WithoutIssuerTwoDevicesAreAmbiguous) {
  Device first = MakeDevice("a", "1");
  first.idevid_issuer = "issuer-1";
  Device second = first;
  second.idevid_issuer = "issuer-2";
  ImportOne(first);
  ImportOne(second);
  EXPECT_REASON(Reason::kDeviceAmbiguous,
                FindOne({{"a", "1", std::nullopt}, ""}));
  const auto right = FindOne({{"a", "1", "issuer-2"}, ""});
  ASSERT_TRUE(right.ok()) << right.status();
  EXPECT_EQ(right->device.idevid_issuer, "issuer-2");
  EXPECT_REASON(Reason::kDeviceUnknown, FindOne({{"a", "1", "other"}, ""}));
}

TEST_P(DeviceContract, TellsTheProductsOfASerialNumber) {
  auto* product = catalog_.add_products();
  *product = catalog_.products(0);
  product->set_product_id("more");
  ASSERT_TRUE(catalog().Apply(context_, "test", now_, catalog_).ok());
  Device device = MakeDevice("a", "1");
  for (const char* issuer : {"issuer-1", "issuer-2", "issuer-3"}) {
    device.idevid_issuer = issuer;
    device.product_id = issuer == std::string("issuer-1") ? "p" : "more";
    ImportOne(device);
  }
  ImportOne(MakeDevice("b", "1"));
  using Products = std::vector<std::string>;
  const auto products = [&](const char* tenant, const std::string& serial) {
    return devices()
        .ProductsOf(context_, tenant, serial)
        .value_or(Products{"unavailable"});
  };
  EXPECT_EQ(products("a", "1"), (Products{"more", "p"}));
  EXPECT_EQ(products("b", "1"), Products{"p"});
  EXPECT_EQ(products("a", "2"), Products());
  EXPECT_EQ(products("a", std::string("1\0", 2)), Products());
}

TEST_P(DeviceContract, DeviceWithoutIssuerMatchesAny) {
  ImportOne(MakeDevice("a", "1"));
  EXPECT_TRUE(FindOne({{"a", "1", "any"}, ""}).ok());
}

// TR-09: a tenant's device is unknown to every other tenant.
TEST_P(DeviceContract, TenantsWithOneSerialNeverMeet) {
  Device mine = MakeDevice("a", "1");
  mine.organization_id = "o";
  ImportOne(mine);
  EXPECT_REASON(Reason::kDeviceUnknown,
                FindOne({{"b", "1", std::nullopt}, ""}));
  Device theirs = MakeDevice("b", "1");
  theirs.organization_id = "o";
  ImportOne(theirs);
  const auto answer = FindOne({{"b", "1", std::nullopt}, ""});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->device.tenant_id, "b");
  EXPECT_TRUE(answer->owner_certs.empty());
}

TEST_P(DeviceContract, ImportFailsSkipsOrUpdatesWhatExists) {
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  device.state = DeviceState::kBlocked;
  ImportOne(device);
  Device again = MakeDevice("a", "1");
  again.model = "new";

  const auto import = [&](OnConflict on_conflict) {
    return devices().Import(context_, "t", now_, {again}, on_conflict).at(0);
  };
  EXPECT_REASON(Reason::kDeviceExists, import(OnConflict::kFail));
  EXPECT_EQ(*import(OnConflict::kSkip), ImportOutcome::kSkipped);
  EXPECT_EQ(FindOne({{"a", "1", std::nullopt}, ""})->device.model, "");
  EXPECT_EQ(*import(OnConflict::kUpdate), ImportOutcome::kUpdated);

  const auto updated = FindOne({{"a", "1", std::nullopt}, ""});
  EXPECT_EQ(updated->device.model, "new");
  EXPECT_EQ(updated->device.version, 2);
  EXPECT_EQ(updated->device.organization_id, "o") << "the owner is kept";
  EXPECT_EQ(updated->device.state, DeviceState::kBlocked);
  EXPECT_EQ(CountEvents(kDeviceImported), 1);
  EXPECT_EQ(CountEvents(kDeviceUpdated), 1);
}

// An export of before the block, or of before the revocation that blocked.
TEST_P(DeviceContract, AnImportLiftsNoBlockAndBringsNothingScrappedBack) {
  const std::vector<DeviceKey> key = {{"a", "1", std::nullopt}};
  ImportOne(MakeDevice("a", "1"));
  const auto import = [&](DeviceState state) {
    Device line = MakeDevice("a", "1");
    line.state = state;
    line.model = "of the line";
    EXPECT_EQ(
        *devices().Import(context_, "t", now_, {line}, OnConflict::kUpdate)[0],
        ImportOutcome::kUpdated);
    const Device stored = FindOne({{"a", "1", std::nullopt}, ""})->device;
    EXPECT_EQ(stored.model, "of the line");
    return stored.state;
  };
  EXPECT_EQ(import(DeviceState::kAllocated), DeviceState::kAllocated);
  ASSERT_TRUE(devices().SetBlocked(context_, "t", now_, key, true)[0].ok());
  for (const DeviceState state :
       {DeviceState::kManufactured, DeviceState::kAllocated,
        DeviceState::kReturned, DeviceState::kScrapped}) {
    EXPECT_EQ(import(state), DeviceState::kBlocked);
  }
  ASSERT_TRUE(devices().SetBlocked(context_, "t", now_, key, false)[0].ok());
  EXPECT_EQ(import(DeviceState::kScrapped), DeviceState::kScrapped);
  EXPECT_EQ(import(DeviceState::kAllocated), DeviceState::kScrapped);
}

// OP-18: a serial number is one device, or is told apart by its issuer.
TEST_P(DeviceContract, ImportFindsConflictsOfIssuersAlsoWithinTheBatch) {
  Device without = MakeDevice("a", "1");
  Device with = MakeDevice("a", "1");
  with.idevid_issuer = "issuer";
  const auto outcomes = devices().Import(
      context_, "t", now_, {without, with, without, MakeDevice("a", "2")},
      OnConflict::kFail);
  ASSERT_EQ(outcomes.size(), 4u);
  EXPECT_TRUE(outcomes[0].ok()) << outcomes[0].status();
  EXPECT_REASON(Reason::kDeviceExists, outcomes[1]);
  EXPECT_REASON(Reason::kDeviceExists, outcomes[2]);
  EXPECT_TRUE(outcomes[3].ok()) << outcomes[3].status();
  EXPECT_REASON(
      Reason::kDeviceExists,
      devices().Import(context_, "t", now_, {with}, OnConflict::kUpdate).at(0));
}

TEST_P(DeviceContract, ImportOfABadRowFailsAlone) {
  Device other_product = MakeDevice("a", "1");
  other_product.product_id = "none";
  Device other_owner = MakeDevice("a", "2");
  other_owner.organization_id = "none";
  const Device nameless = MakeDevice("a", "");
  const Device not_text = MakeDevice("a", "\xc3(");
  const auto outcomes = devices().Import(
      context_, "t", now_,
      {other_product, other_owner, nameless, not_text, MakeDevice("a", "3")},
      OnConflict::kFail);
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_REASON(Reason::kProductUnknown, outcomes[0]);
  EXPECT_REASON(Reason::kOrganizationUnknown, outcomes[1]);
  EXPECT_REASON(Reason::kInvalidArgument, outcomes[2]);
  EXPECT_REASON(Reason::kInvalidArgument, outcomes[3]);
  EXPECT_TRUE(outcomes[4].ok()) << outcomes[4].status();
  EXPECT_EQ(CountEvents(kDeviceImported), 1);
}

TEST_P(DeviceContract, ImportsMoreThanOneTransactionHolds) {
  std::vector<Device> many;
  for (int i = 0; i < 2100; ++i) {
    many.push_back(MakeDevice("a", std::to_string(i)));
  }
  const auto outcomes =
      devices().Import(context_, "t", now_, many, OnConflict::kFail);
  ASSERT_EQ(outcomes.size(), many.size());
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
  EXPECT_EQ(CountEvents(kDeviceImported), 2100);
}

// Neither has the other's id, so no key of the table tells them apart.
TEST_P(DeviceContract, OfTwoImportsAtOnceWithAndWithoutIssuerOneWins) {
  for (int round = 0; round < 10; ++round) {
    const std::string serial = std::to_string(round);
    Device with = MakeDevice("a", serial);
    with.idevid_issuer = "issuer";
    int created[2] = {0, 0};
    const auto import = [&](int side, const Device& device) {
      created[side] =
          devices()
              .Import(context_, "t", now_, {device}, OnConflict::kFail)
              .at(0)
              .ok();
    };
    std::thread other([&] { import(0, with); });
    import(1, MakeDevice("a", serial));
    other.join();
    EXPECT_EQ(created[0] + created[1], 1);
  }
}

// PV-23: what is blocked is so at once, and may be lifted; lifting brings
// nothing back that was never blocked.
TEST_P(DeviceContract, SetBlockedBlocksAndLifts) {
  ImportOne(MakeDevice("a", "S"));
  Device scrapped = MakeDevice("a", "X");
  scrapped.state = DeviceState::kScrapped;
  ImportOne(scrapped);
  const DeviceKey key = {"a", "S", std::nullopt};
  const DeviceKey gone = {"a", "X", std::nullopt};
  for (const bool blocked : {true, true, false, false}) {
    const auto set = devices().SetBlocked(context_, "tester", now_,
                                          {key, gone, key}, blocked);
    ASSERT_EQ(set.size(), 3u);
    ASSERT_TRUE(set[0].ok()) << set[0].status();
    EXPECT_EQ(FindOne({key, ""})->device.state,
              blocked ? DeviceState::kBlocked : DeviceState::kManufactured);
    EXPECT_EQ(FindOne({gone, ""})->device.state, DeviceState::kScrapped);
  }
  EXPECT_EQ(CountEvents(kDeviceStateSet), 2);
  EXPECT_REASON(
      Reason::kDeviceUnknown,
      devices()
          .SetBlocked(context_, "t", now_, {{"b", "S", std::nullopt}}, true)
          .at(0));
}

TEST_P(DeviceContract, AssignGivesAndTakesTheOwner) {
  ImportOne(MakeDevice("a", "1"));
  const DeviceKey key = {"a", "1", std::nullopt};
  const auto given = devices().Assign(
      context_, "t", now_, {key, {"a", "none", std::nullopt}, key}, "o");
  ASSERT_EQ(given.size(), 3u);
  ASSERT_TRUE(given[0].ok()) << given[0].status();
  EXPECT_EQ(given[0]->organization_id, "o");
  EXPECT_EQ(given[0]->version, 2);
  EXPECT_REASON(Reason::kDeviceUnknown, given[1]);
  ASSERT_TRUE(given[2].ok()) << given[2].status();
  EXPECT_EQ(CountEvents(kDeviceAssigned), 1);
  EXPECT_EQ(FindOne({key, ""})->owner_certs.size(), 1u);

  EXPECT_REASON(Reason::kOrganizationUnknown,
                devices().Assign(context_, "t", now_, {key}, "none").at(0));
  ASSERT_TRUE(devices().Assign(context_, "t", now_, {key}, "").at(0).ok());
  EXPECT_TRUE(FindOne({key, ""})->device.organization_id.empty());
  EXPECT_TRUE(FindOne({key, ""})->owner_certs.empty());
}

// A deadline that has passed is not waited for.
TEST_P(DeviceContract, SaysUnavailableWhileStopped) {
  ImportOne(MakeDevice("a", "1"));
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  const DeviceQuestion question = {{"a", "1", std::nullopt}, ""};
  EXPECT_REASON(Reason::kStoreUnavailable, FindOne(question));
  EXPECT_REASON(Reason::kStoreUnavailable,
                devices()
                    .Import(context_, "t", now_, {MakeDevice("a", "2")},
                            OnConflict::kFail)
                    .at(0));
  stores().Restart();
  const auto answer = FindOne(question);
  EXPECT_TRUE(answer.ok()) << answer.status();
}

}  // namespace
}  // namespace masa::storage
