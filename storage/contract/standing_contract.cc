#include "storage/audit_kinds.h"
#include "storage/contract/store_contract.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

TEST_P(StandingContract, AnswersWithWhatDecisionsRead) {
  Device device = MakeDevice("a", "S-1 {\"\\,NULL}");
  device.idevid_issuer = std::string("\x00\xff\x04", 3);
  device.idevid_cert_der = std::string("\x30\x00", 2);
  device.model = "M";
  device.labels = {{"site", "x"}};
  device.organization_id = "o";
  ImportOne(device);
  const auto facts = Standing(device.serial_number, Key());
  ASSERT_TRUE(facts.ok()) << facts.status();
  Device expected = MakeDevice("a", device.serial_number);
  expected.idevid_issuer = device.idevid_issuer;
  expected.organization_id = "o";
  expected.bucket = BucketOf("a", device.serial_number);
  expected.device_id =
      DeviceIdOf("a", device.serial_number, device.idevid_issuer);
  EXPECT_EQ(facts->found.device, expected);
  ASSERT_EQ(facts->found.owner_certs.size(), 1u);
  const OwnerCert& cert = facts->found.owner_certs[0];
  EXPECT_EQ(cert.certificate_der, domain_.CertificateDer());
  EXPECT_EQ(cert.cert_id, "c");
  EXPECT_EQ(cert.spki_sha256, Key());
  EXPECT_EQ(cert.place, CertPlace::kSameGroup);
  EXPECT_FALSE(cert.expires_at.has_value());
  EXPECT_FALSE(cert.revocation_checks);
  ASSERT_TRUE(facts->domain.registered());
  EXPECT_EQ(facts->domain.customers[0].organization_id(), "o");
  EXPECT_FALSE(facts->domain.blocked);
}

TEST_P(StandingContract, EachQuestionFailsAlone) {
  ImportOne(MakeDevice("a", "1"));
  const std::string zero("zero\0octet", 10);
  const auto answers =
      standings().ReadStandings(context_, {{{"a", "unknown", {}}, Key()},
                                           {{"a", "1", {}}, Key()},
                                           {{"a", zero, {}}, Key()},
                                           {{"a", "\xff", {}}, Key()},
                                           {{zero, "1", {}}, Key()},
                                           {{"a", "1", {}}, ""},
                                           {{"b", "1", {}}, Key()}});
  ASSERT_EQ(answers.size(), 7u);
  for (const size_t i : {0, 2, 3, 4, 6}) {
    EXPECT_REASON(Reason::kDeviceUnknown, answers[i]);
  }
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_TRUE(answers[1]->domain.registered());
  EXPECT_TRUE(answers[1]->found.owner_certs.empty()) << "nobody owns it";
  ASSERT_TRUE(answers[5].ok()) << answers[5].status();
  EXPECT_FALSE(answers[5]->domain.registered()) << "no domain was named";
  EXPECT_TRUE(standings().ReadStandings(context_, {}).empty());
}

// TR-09: what a key is to one tenant says nothing of another.
TEST_P(StandingContract, TenantsWithOneSerialAndOneKeyNeverMeet) {
  for (const char* tenant : {"a", "b"}) {
    Device device = MakeDevice(tenant, "1");
    device.organization_id = "o";
    ImportOne(device);
  }
  const auto answers = standings().ReadStandings(
      context_, {{{"b", "1", {}}, Key()}, {{"a", "1", {}}, Key()}});
  ASSERT_TRUE(answers[0].ok() && answers[1].ok());
  EXPECT_TRUE(answers[0]->found.owner_certs.empty());
  EXPECT_FALSE(answers[0]->domain.registered());
  EXPECT_EQ(answers[1]->found.owner_certs.size(), 1u);
  EXPECT_TRUE(answers[1]->domain.registered());
}

TEST_P(StandingContract, WithoutIssuerTwoDevicesAreAmbiguous) {
  for (const char* issuer : {"issuer-1", "issuer-2"}) {
    Device device = MakeDevice("a", "1");
    device.idevid_issuer = issuer;
    ImportOne(device);
  }
  EXPECT_REASON(Reason::kDeviceAmbiguous, Standing("1", Key()));
  const auto right =
      standings().ReadStandings(context_, {{{"a", "1", "issuer-2"}, ""}});
  ASSERT_TRUE(right[0].ok()) << right[0].status();
  EXPECT_EQ(right[0]->found.device.idevid_issuer, "issuer-2");
}

TEST_P(StandingContract, ADeletedDeviceIsUnknown) {
  ImportOne(MakeDevice("a", "1"));
  DeviceEdit edit;
  edit.device = {"a", "1", {}};
  edit.kind = kDeviceDeleted;
  edit.plan = [this](Device device) -> absl::StatusOr<Device> {
    device.deleted_at = now_;
    return device;
  };
  const auto deleted = registry().Edit(context_, "t", now_, edit);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_REASON(Reason::kDeviceUnknown, Standing("1", Key()));
}

// Of several certificates those of the key that is asked for, by id, each with
// where it stands as seen from the device.
TEST_P(StandingContract, CertificatesOfTheKeyStandWhereTheirGroupsDo) {
  AddGroup("north", "o");
  AddGroup("oslo", "north");
  AddGroup("south", "o");
  testing::CertificateSpec spec;
  spec.common_name = "other";
  const std::string other = testing::MakeIdentity(spec).CertificateDer();
  const std::string der = domain_.CertificateDer();
  TreeChange change = NewChange(kDomainCertCreated);
  change.certs = {{"1-south", "south", der, true, now_},
                  {"2-oslo", "oslo", der, false, {}},
                  {"3-other", "oslo", other, false, {}},
                  {"4-north", "north", der, false, {}}};
  Do(change);
  Device device = MakeDevice("a", "1");
  device.organization_id = "o";
  ImportOne(device);
  ASSERT_TRUE(Move("1", "", "oslo").ok());
  const auto facts = Standing("1", Key());
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->found.device.group_id, "oslo");
  std::vector<std::pair<std::string, CertPlace>> seen;
  for (const OwnerCert& cert : facts->found.owner_certs) {
    seen.emplace_back(cert.cert_id, cert.place);
  }
  const std::vector<std::pair<std::string, CertPlace>> expected = {
      {"1-south", CertPlace::kElsewhere},
      {"2-oslo", CertPlace::kSameGroup},
      {"4-north", CertPlace::kAbove},
      {"c", CertPlace::kAbove}};
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(facts->found.owner_certs[0].expires_at, now_);
  EXPECT_TRUE(facts->found.owner_certs[0].revocation_checks);
}

TEST_P(StandingContract, ABlockedDomainIsSaidToBeUntilItIsLifted) {
  ImportOne(MakeDevice("a", "1"));
  masa::v1::Catalog blocks;
  auto* block = blocks.add_blocked_domains();
  block->set_tenant_id("a");
  block->set_spki_sha256(Key());
  for (const bool lifted : {false, true}) {
    block->set_lifted(lifted);
    ASSERT_TRUE(catalog().Apply(context_, "t", now_, blocks).ok());
    EXPECT_EQ(Standing("1", Key())->domain.blocked, !lifted);
    EXPECT_FALSE(Standing("1", "")->domain.blocked);
  }
}

TEST_P(StandingContract, ClaimsAreTheNewestOfAnotherDomainAndTheFirst) {
  const Device device = MakeDevice("a", "1");
  ImportOne(device);
  Device idle = MakeDevice("a", "2");
  ImportOne(idle);
  const std::string mine(32, 'm'), theirs(32, 't');
  const auto claim = [&](char id, const std::string& pinned,
                         const std::string& issuer, int minute) {
    IssuedVoucher voucher = MakeVoucher(device, id);
    voucher.pinned_spki_sha256 = pinned;
    voucher.issuer_spki_sha256 = issuer;
    voucher.created_on = now_ + absl::Minutes(minute);
    EXPECT_TRUE(log().Commit(context_, {voucher})[0].ok());
    return voucher.voucher_id;
  };
  const auto first = claim('1', mine, "", 1);
  const auto second = claim('2', theirs, "", 2);
  const auto third = claim('3', theirs, mine, 3);
  const int16_t bucket = BucketOf("a", "1");
  const std::string id = DeviceIdOf("a", "1", {});
  const auto answers = standings().ReadClaims(
      context_, {{bucket, id, mine},
                 {bucket, id, theirs},
                 {bucket, id, ""},
                 {BucketOf("a", "2"), DeviceIdOf("a", "2", {}), mine}});
  const std::vector<std::vector<std::string>> expected = {
      {second, first}, {first, first}, {third, first}, {}};
  ASSERT_EQ(answers.size(), expected.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    std::vector<std::string> ids;
    for (const IssuedVoucher& voucher : *answers[i]) {
      ids.push_back(voucher.voucher_id);
    }
    EXPECT_EQ(ids, expected[i]) << i;
  }
  EXPECT_EQ((*answers[0])[1].pinned_spki_sha256, mine);
  EXPECT_EQ((*answers[2])[0].issuer_spki_sha256, mine);
  EXPECT_EQ((*answers[2])[0].created_on, now_ + absl::Minutes(3));
}

TEST_P(StandingContract, AStoreThatIsGoneSaysSoToEach) {
  ImportOne(MakeDevice("a", "1"));
  if (!stores().Stop()) {
    GTEST_SKIP() << "this database cannot be stopped here";
  }
  const auto standing = Standing("1", Key());
  const auto claims = standings().ReadClaims(
      context_, {{0, std::string(16, 'd'), Key()}, {1, "", Key()}});
  stores().Restart();
  EXPECT_REASON(Reason::kStoreUnavailable, standing);
  ASSERT_EQ(claims.size(), 2u);
  EXPECT_REASON(Reason::kStoreUnavailable, claims[1]);
}

}  // namespace

std::string StandingContract::Key() {
  return *SpkiSha256Of(domain_.CertificateDer());
}

absl::StatusOr<StandingFacts> StandingContract::Standing(
    const std::string& serial, const std::string& spki_sha256) {
  return standings()
      .ReadStandings(context_, {{{"a", serial, {}}, spki_sha256}})
      .front();
}

}  // namespace masa::storage
