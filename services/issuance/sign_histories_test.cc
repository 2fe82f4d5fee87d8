#include "services/issuance/sign_histories.h"

#include "services/issuance/test_desk.h"
#include "services/merkle/merkle_tree.h"
#include "services/ownership/verify_history.h"

namespace masa::issuance {
namespace {

class Histories : public Desk {
 protected:
  Histories() {
    const Identity signer =
        testing::MakeIdentity(Spec("ownership signer", false), &root_);
    owner_signer_ = *signing::LocalSigner::New(
        {{{"ownership",
           signer.CertificatePem() + root_.CertificatePem(),
           {signing::Kind::kOwnershipRoot}},
          signer.KeyPem(),
          ""}});
    histories_ = std::make_unique<SignHistories>(store_, *policies_,
                                                 *owner_signer_, clock_);
  }

  // The tenant has a key for its histories from now on.
  void NameKey(const std::string& key) {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_tenants(0)->set_ownership_signing_key(key);
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
  }

  storage::HistoryRecord Record() {
    const auto device =
        store_.Find({}, {{{"acme", "OWNED-1", {}}, ""}})[0]->device;
    return store_
        .ReadHistory({}, {device.bucket, device.device_id, false, 0, 1})
        ->at(0);
  }

  Identity root_ = testing::MakeIdentity(Spec("ownership root", true));
  std::unique_ptr<signing::LocalSigner> owner_signer_;
  std::unique_ptr<SignHistories> histories_;
};

TEST_F(Histories, WhatWasWrittenIsSignedOnceAndVerifies) {
  NameKey("ownership");
  EXPECT_FALSE(Record().signature.has_value());
  EXPECT_EQ(*histories_->SignSome({}, 10), 1);
  EXPECT_EQ(*histories_->SignSome({}, 10), 0);
  const storage::HistoryRecord record = Record();
  ASSERT_TRUE(record.signature.has_value());
  const ownership::EntryClaim claim = {
      record.entry, static_cast<uint32_t>(record.leaf_index),
      merkle::InclusionProof(record.batch.leaves, record.leaf_index),
      ownership::RootClaim{
          wire::EncodeOwnershipRoot(
              {"acme", record.batch.batch_id,
               static_cast<uint32_t>(record.batch.leaves.size()),
               merkle::RootOf(record.batch.leaves)}),
          record.signature->signature, record.signature->chain_der,
          record.signature->signed_at}};
  const auto finding = ownership::VerifyHistory(
      {claim},
      {"acme", record.entry.device_id, root_.CertificateDer(), clock_.Now()},
      verifier_);
  EXPECT_TRUE(finding.holds()) << finding.faults.front();
}

TEST_F(Histories, ATenantWithoutAKeyWaits) {
  EXPECT_EQ(*histories_->SignSome({}, 10), 0);
  EXPECT_FALSE(Record().signature.has_value());
}

TEST_F(Histories, HowLongTheOldestHasWaitedIsKnown) {
  EXPECT_EQ(*histories_->UnsignedFor({}), absl::ZeroDuration())
      << "without a key nothing waits for one";
  NameKey("ownership");
  clock_.Advance(absl::Minutes(3) - (clock_.Now() - Noon()));
  EXPECT_EQ(*histories_->UnsignedFor({}), absl::Minutes(3));
  ASSERT_EQ(*histories_->SignSome({}, 10), 1);
  EXPECT_EQ(*histories_->UnsignedFor({}), absl::ZeroDuration());
}

// What fails is signed by a later round.
TEST_F(Histories, NothingIsLostWhenTheSignerOrTheStoreFails) {
  NameKey("no such key");
  EXPECT_EQ(ReasonOf(histories_->SignSome({}, 10).status()),
            Reason::kKeyUnknown);
  NameKey("ownership");
  ASSERT_TRUE(policies_->Current({}).ok());
  store_.FailNext(storage::MemoryStore::Failure::kUnstored);
  EXPECT_EQ(ReasonOf(histories_->SignSome({}, 10).status()),
            Reason::kStoreUnavailable);
  EXPECT_EQ(*histories_->SignSome({}, 10), 1);
  EXPECT_TRUE(Record().signature.has_value());
}

}  // namespace
}  // namespace masa::issuance
