// What is read of a device's vouchers, however many there are.
#include <optional>
#include <string>
#include <vector>

#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

// EP-50, RV-28, AMB-26: what rules look at is found, however much others got.
TEST_P(IssuanceContract, WhatRulesLookAtIsNotBuriedByOthersVouchers) {
  const Device device = MakeDevice("a", "1");
  const std::string mine(32, 'm'), above(32, 'a'), theirs(32, 't');
  const std::string reuse(32, 'p');
  std::vector<IssuedVoucher> vouchers;
  const auto add = [&](const std::string& pinned, const std::string& issuer,
                       const char* nonce, const std::string& prior) {
    IssuedVoucher voucher = MakeVoucher(device, '1');
    voucher.generation = static_cast<int32_t>(vouchers.size());
    voucher.created_on = now_ + absl::Seconds(vouchers.size());
    voucher.pinned_spki_sha256 = pinned;
    voucher.issuer_spki_sha256 = issuer;
    voucher.nonce = nonce == nullptr ? std::optional<std::string>() : nonce;
    voucher.prior_digest = prior;
    vouchers.push_back(voucher);
    return voucher.voucher_id;
  };
  const std::string first = add(theirs, "", "n", "");
  const std::string nonceless = add(mine, "", nullptr, reuse);
  const std::string below = add(std::string(32, 'e'), above, "n", "");
  add(theirs, "", "n", reuse);
  const std::string reused = add(theirs, "", "n", reuse);
  for (int i = 0; i < 1200; ++i) {
    add(theirs, std::string(32, 'x'), "n", "");
  }
  const std::string last = vouchers.back().voucher_id;
  for (const auto& outcome : log().Commit(context_, vouchers)) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
  const struct {
    std::vector<std::string> chain;
    std::string prior;
    std::vector<std::string> ids;
  } cases[] = {
      {{mine}, "", {last, nonceless, first}},
      {{"registrar", mine, above}, "", {last, nonceless, first}},
      {{mine, above}, reuse, {last, reused, below, nonceless, first}},
      {{"registrar", above}, std::string(32, 'q'), {last, below, first}},
      {{theirs}, reuse, {last, below, nonceless, first}},
      {{"stranger", ""}, "", {last, first}},
      {{}, "", {last, first}},
  };
  for (const auto& c : cases) {
    const auto found = log().ReadForRules(
        context_, {device.bucket, device.device_id, c.chain, c.prior});
    ASSERT_TRUE(found.ok()) << found.status();
    std::vector<std::string> ids;
    for (const IssuedVoucher& voucher : *found) {
      ids.push_back(voucher.voucher_id);
    }
    EXPECT_EQ(ids, c.ids) << &c - cases;
  }
}

// What rules and the audit log are told of each.
void ExpectTold(const IssuedVoucher& told, const IssuedVoucher& stored) {
  EXPECT_EQ(told.bucket, stored.bucket);
  EXPECT_EQ(told.device_id, stored.device_id);
  EXPECT_EQ(told.voucher_id, stored.voucher_id);
  EXPECT_EQ(told.assertion, stored.assertion);
  EXPECT_EQ(told.nonce, stored.nonce);
  EXPECT_EQ(told.created_on, stored.created_on);
  EXPECT_EQ(told.domain_id, stored.domain_id);
  EXPECT_EQ(told.pinned_spki_sha256, stored.pinned_spki_sha256);
  EXPECT_EQ(told.issuer_spki_sha256, stored.issuer_spki_sha256);
  EXPECT_EQ(told.prior_digest, stored.prior_digest);
  EXPECT_EQ(told.voucher, "");
}

// AL-14, AL-16, AL-17: the newest of each domain with and without nonce, and
// how many are left out. Five nonced and three nonceless ones of one domain are
// two, and six besides.
TEST_P(IssuanceContract, ASummaryKeepsTheNewestOfEachDomain) {
  const Device device = MakeDevice("a", "1");
  std::vector<IssuedVoucher> vouchers;
  const auto add = [&](const std::string& domain, bool nonced) {
    IssuedVoucher& voucher = vouchers.emplace_back(MakeVoucher(device, '1'));
    voucher.generation = static_cast<int32_t>(vouchers.size());
    voucher.created_on = now_ + absl::Seconds(vouchers.size());
    voucher.domain_id = domain;
    if (!nonced) {
      voucher.nonce.reset();
    }
  };
  add("old", true);
  for (const bool nonced : {true, false}) {
    for (int i = 0; i < (nonced ? 5 : 3); ++i) {
      add("d", nonced);
    }
  }
  for (const auto& outcome : log().Commit(context_, vouchers)) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
  const auto whole =
      log().Summarize(context_, device.bucket, device.device_id, 9);
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_EQ(whole->entries.size(), 3u);
  ExpectTold(whole->entries[0].newest, vouchers[8]);
  EXPECT_EQ(whole->entries[0].older, 2u);
  ExpectTold(whole->entries[1].newest, vouchers[5]);
  EXPECT_EQ(whole->entries[1].older, 4u);
  ExpectTold(whole->entries[2].newest, vouchers[0]);
  EXPECT_EQ(whole->entries[2].older, 0u);
  EXPECT_EQ(whole->unlisted, 0u);
  const auto cut =
      log().Summarize(context_, device.bucket, device.device_id, 1);
  ASSERT_TRUE(cut.ok()) << cut.status();
  ASSERT_EQ(cut->entries.size(), 1u);
  ExpectTold(cut->entries[0].newest, vouchers[8]);
  EXPECT_EQ(cut->older_nonced, 4u);
  EXPECT_EQ(cut->older_nonceless, 2u);
  EXPECT_EQ(cut->unlisted, 2u);
  EXPECT_TRUE(log()
                  .Summarize(context_, device.bucket, std::string(16, 'x'), 9)
                  ->entries.empty());
  ExpectTold(log()
                 .ReadForRules(context_, {device.bucket, device.device_id, {}})
                 ->front(),
             vouchers[8]);
}

}  // namespace
}  // namespace masa::storage
