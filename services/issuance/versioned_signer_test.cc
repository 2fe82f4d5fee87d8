// Versions of keys in force, from the store to the voucher.
#include "services/issuance/versioned_signer.h"

#include "gtest/gtest.h"
#include "services/issuance/key_expiry.h"
#include "services/issuance/readiness.h"
#include "services/issuance/test_key_desk.h"
#include "services/wire/certificate.h"

namespace masa::issuance {
namespace {

class VersionedSignerTest : public KeyDeskFixture {
 protected:
  std::string InForce() { return versioned_->InForce({}, "key").value_or(""); }

  // The key under whose certificate a voucher is signed now.
  std::string SpkiInAVoucher() {
    const auto answer = registrar_desk_->RequestVoucher(Call(Request(kSerial)));
    EXPECT_TRUE(answer.ok()) << answer.status();
    const auto artifact = wire::ParseCms(answer->body);
    EXPECT_TRUE(Opened(answer->body).ok());
    return artifact->certificates[artifact->signers.front().certificate]
        ->spki_der;
  }
};

TEST_F(VersionedSignerTest, SwitchesAtItsMomentOnEveryReplica) {
  VersionedSigner second(*signer_, store_, clock_);
  EXPECT_EQ(*second.InForce({}, "key"), "key");
  ActivateNew("key", clock_.Now() + absl::Seconds(10));
  EXPECT_EQ(InForce(), "key");
  // It read just before; it knows all the same when the moment comes.
  EXPECT_EQ(*second.InForce({}, "key"), "key");
  clock_.Advance(absl::Milliseconds(9999));
  EXPECT_EQ(InForce(), "key");
  EXPECT_EQ(*second.InForce({}, "key"), "key");
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(InForce(), "key@1");
  EXPECT_EQ(*second.InForce({}, "key"), "key@1");
}

TEST_F(VersionedSignerTest, VouchersAreSignedByTheVersionInForce) {
  const std::string before = SpkiInAVoucher();
  const KeyView made = ActivateNew("key", clock_.Now() + absl::Seconds(10));
  clock_.Advance(absl::Seconds(11));
  // Another request, since a repeat gets the voucher that it had.
  const std::string after = SpkiInAVoucher();
  EXPECT_NE(before, after);
  EXPECT_EQ(after, made.record.spki_der);
  const auto found = store_.Find({}, {{{"acme", kSerial, {}}, ""}});
  const auto issued = store_.ListForDevice({}, found[0]->device.bucket,
                                           found[0]->device.device_id, 9);
  ASSERT_EQ(issued->size(), 2u);
  EXPECT_EQ(issued->front().signing_key, "key@1");
  EXPECT_EQ(issued->back().signing_key, "key");
}

TEST_F(VersionedSignerTest, PublishesChainsOfTheFutureAndOfThePast) {
  const absl::Time first = clock_.Now() + absl::Seconds(10);
  ActivateNew("key", first);
  const absl::Time second = first + absl::Hours(1);
  ActivateNew("key", second);
  clock_.Advance(absl::Seconds(20));
  ASSERT_TRUE(desk_->Retire({}, Operator(), {{"key", 1}, {}, false}, {}).ok());
  clock_.Advance(absl::Hours(2));
  const auto published = versioned_->Published({}, "key");
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_EQ(published->size(), 3u);
  EXPECT_EQ((*published)[0].name, "key");
  EXPECT_EQ((*published)[0].from, absl::InfinitePast());
  EXPECT_EQ((*published)[1].name, "key@1");
  EXPECT_EQ((*published)[1].from, first);
  EXPECT_LT((*published)[1].until, clock_.Now());
  EXPECT_EQ((*published)[2].from, second);
  EXPECT_EQ((*published)[2].until, absl::InfiniteFuture());
  for (const auto& one : *published) {
    EXPECT_EQ(one.chain_der.size(), 2u);
  }
}

TEST_F(VersionedSignerTest, SaysNothingOfKeysThatItCannotKnow) {
  ActivateNew("key", clock_.Now() + absl::Seconds(10));
  clock_.Advance(absl::Seconds(11));
  EXPECT_TRUE(versioned_->Describe({}, "key").ok());
  store_.Stop(true);
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(ReasonOf(versioned_->InForce({}, "key").status()),
            Reason::kStoreUnavailable);
  store_.Stop(false);
  EXPECT_EQ(ReasonOf(versioned_->Describe({}, "key@9").status()),
            Reason::kKeyUnknown);
}

// A signer that has another key under the name would make vouchers that no
// device takes.
TEST_F(VersionedSignerTest, TheSignersKeyIsTheOneThatWasCertified) {
  const KeyView made = ActivateNew("key", clock_.Now() + absl::Seconds(10));
  storage::KeyVersion other = made.record;
  other.spki_der = "another";
  ASSERT_TRUE(store_.WriteKey({}, "t", clock_.Now(), {"changed", other}).ok());
  clock_.Advance(absl::Seconds(11));
  EXPECT_EQ(ReasonOf(versioned_->Describe({}, "key").status()),
            Reason::kMisconfigured);
}

TEST_F(VersionedSignerTest, SignsUnderNoCertificateThatHasEnded) {
  clock_.Advance(Spec("", false).not_after - absl::Seconds(1) - clock_.Now());
  EXPECT_TRUE(versioned_->Describe({}, "key").ok());
  clock_.Advance(absl::Seconds(1));
  const auto ended = versioned_->Describe({}, "key");
  EXPECT_EQ(ReasonOf(ended.status()), Reason::kMisconfigured);
  EXPECT_NE(ended.status().message().find("ended"), std::string::npos);
  // What was signed under it is still about.
  EXPECT_EQ(versioned_->Published({}, "key")->size(), 1u);
}

TEST_F(VersionedSignerTest, ReadinessSaysWhenNoVersionSigns) {
  const auto ready = [&] {
    return CheckAnySigns(*HealthOfKeys({}, *policies_, *versioned_));
  };
  EXPECT_TRUE(ready().ok()) << ready();
  ASSERT_TRUE(desk_->Retire({}, Operator(), {{"key", 0}, {}, true}, {}).ok());
  clock_.Advance(kKeyNotice);
  EXPECT_EQ(ReasonOf(ready()), Reason::kKeyUnknown);
  EXPECT_NE(ready().message().find("activate one"), std::string::npos);
}

// One tenant's key is no reason to take the service from the others.
TEST_F(VersionedSignerTest, AnEndedChainStopsItsTenantAlone) {
  masa::v1::Catalog catalog = Catalog();
  *catalog.add_tenants() = catalog.tenants(0);
  catalog.mutable_tenants(1)->set_tenant_id("globex");
  catalog.mutable_tenants(1)->set_host_names(0, "masa.globex.example");
  catalog.mutable_tenants(1)->set_is_default(false);
  *catalog.add_products() = catalog.products(0);
  catalog.mutable_products()->rbegin()->set_tenant_id("globex");
  catalog.mutable_products()->rbegin()->set_signing_key("foreign");
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  const auto made = desk_->Create({}, Operator(), "key",
                                  SignatureAlgorithm::kEcdsaP256Sha256, {});
  ASSERT_TRUE(made.ok()) << made.status();
  CertificateSpec brief = Spec("voucher signer", false);
  brief.not_after = clock_.Now() + absl::Hours(1);
  const std::vector<std::string> chain = {
      Certify(made->record.spki_der, brief, voucher_root_).CertificateDer(),
      voucher_root_.CertificateDer()};
  ASSERT_TRUE(
      desk_->Activate({}, Operator(), {{"key", 1}, chain, {}, false}, {}).ok());
  const auto healths = [&] {
    return *HealthOfKeys({}, *policies_, *versioned_);
  };
  clock_.Advance(absl::Minutes(59));
  ASSERT_EQ(healths().size(), 2u);
  EXPECT_TRUE(healths()[0].status.ok()) << healths()[0].status;
  clock_.Advance(absl::Minutes(1));
  const auto ended = healths();
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].tenant_id, "acme");
  EXPECT_EQ(ended[0].key, "key");
  EXPECT_EQ(ReasonOf(ended[0].status), Reason::kMisconfigured);
  EXPECT_NE(ended[0].status.message().find("key@1 ended"), std::string::npos);
  EXPECT_EQ(ended[1].tenant_id, "globex");
  EXPECT_TRUE(ended[1].status.ok()) << ended[1].status;
  EXPECT_TRUE(CheckAnySigns(ended).ok());
  EXPECT_EQ(CheckAnySigns({ended[0]}), ended[0].status);
  EXPECT_TRUE(CheckAnySigns({}).ok());
}

TEST_F(VersionedSignerTest, TellsWhenCertificatesEnd) {
  const auto expiries = [&] {
    return *ExpiriesOfKeys({}, *policies_, *versioned_, clock_.Now());
  };
  ASSERT_EQ(expiries().size(), 1u);
  EXPECT_EQ(expiries()[0].key, "key");
  EXPECT_EQ(expiries()[0].version, "0");
  EXPECT_EQ(expiries()[0].not_after, Spec("", false).not_after);
  EXPECT_FALSE(expiries()[0].has_successor);
  // One that ends no later is no successor.
  ActivateNew("key", clock_.Now() + kKeyNotice);
  clock_.Advance(kKeyNotice);
  ASSERT_EQ(expiries().size(), 2u);
  EXPECT_FALSE(expiries()[0].has_successor);
  ASSERT_TRUE(desk_->Retire({}, Operator(), {{"key", 0}, {}, false}, {}).ok());
  clock_.Advance(kKeyNotice);
  ASSERT_EQ(expiries().size(), 1u);
  EXPECT_EQ(expiries()[0].version, "1");
}

// A store that takes its time.
class SlowKeys final : public storage::KeyStore {
 public:
  explicit SlowKeys(testing::FakeClock& clock) : clock_(clock) {}
  absl::StatusOr<std::vector<storage::KeyVersion>> ReadKeys(
      const RequestContext& context) override {
    ++reads;
    clock_.Advance(takes);
    return std::vector<storage::KeyVersion>();
  }
  absl::Status WriteKey(const RequestContext& context, const std::string& actor,
                        absl::Time at,
                        const storage::KeyChange& change) override {
    return absl::OkStatus();
  }
  absl::Duration takes = absl::Seconds(3);
  int reads = 0;

 private:
  testing::FakeClock& clock_;
};

// What was read is as old as the question, not as the answer: else a replica
// could miss its moment.
TEST_F(VersionedSignerTest, ASlowAnswerIsAnOldOne) {
  SlowKeys keys(clock_);
  VersionedSigner slow(*signer_, keys, clock_);
  EXPECT_TRUE(slow.InForce({}, "key").ok());
  clock_.Advance(absl::Seconds(1));
  keys.takes = absl::Seconds(5);
  EXPECT_EQ(ReasonOf(slow.InForce({}, "key").status()),
            Reason::kStoreUnavailable);
  EXPECT_EQ(keys.reads, 2);
}

}  // namespace
}  // namespace masa::issuance
