#include "storage/contract/issued_vouchers_contract.h"

#include <string>
#include <vector>

#include "services/status/reason.h"

namespace masa::storage {
namespace {

absl::Time At(int seconds) {
  return absl::FromUnixSeconds(1700000000 + seconds);
}

// For device `device` of bucket 7; ids are of `number`.
IssuedVoucher Voucher(char device, int number, int second) {
  IssuedVoucher voucher;
  voucher.voucher_id = std::string(15, 'v') + static_cast<char>(number);
  voucher.audit_event_id = std::string(15, 'e') + static_cast<char>(number);
  voucher.tenant_id = "a";
  voucher.device_id = std::string(16, device);
  voucher.bucket = 7;
  voucher.request_digest = std::string(32, static_cast<char>(number));
  voucher.format = masa::v1::FORMAT_JWS_JSON;
  voucher.voucher = "octets of " + std::to_string(number);
  voucher.assertion = masa::v1::ASSERTION_VERIFIED;
  voucher.created_on = At(second);
  voucher.domain_id = std::string(20, 'd');
  voucher.pinned_spki_sha256 = std::string(32, 's');
  voucher.signing_key = "key";
  voucher.actor = "somebody";
  voucher.request_id = "request";
  return voucher;
}

VoucherQuery Of(char device) { return {7, std::string(16, device)}; }

// The last octets of the ids.
std::string Numbers(
    const absl::StatusOr<std::vector<IssuedVoucher>>& vouchers) {
  EXPECT_TRUE(vouchers.ok()) << vouchers.status();
  std::string numbers;
  for (const IssuedVoucher& voucher : *vouchers) {
    numbers += std::to_string(voucher.voucher_id.back());
  }
  return numbers;
}

}  // namespace

void IssuedVouchersContract::SetUp() {
  under_test_ = GetParam()();
  ASSERT_NE(under_test_, nullptr);
  // Several at the same time, and in another order than they are listed.
  const std::vector<IssuedVoucher> vouchers = {
      Voucher('a', 4, 2), Voucher('a', 1, 0), Voucher('a', 3, 1),
      Voucher('a', 2, 1), Voucher('b', 9, 1), Voucher('a', 5, 2)};
  for (const auto& outcome : under_test_->log().Commit({}, vouchers)) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
}

TEST_P(IssuedVouchersContract, ListsTheNewestOfADeviceFirst) {
  IssuedVouchers& issued = under_test_->issued();
  EXPECT_EQ(Numbers(issued.ListVouchers({}, Of('a'), 9)), "54321");
  EXPECT_EQ(Numbers(issued.ListVouchers({}, Of('b'), 9)), "9");
  EXPECT_EQ(Numbers(issued.ListVouchers({}, Of('c'), 9)), "");
  EXPECT_EQ(Numbers(issued.ListVouchers({}, Of('a'), 2)), "54");
  EXPECT_EQ(Numbers(issued.ListVouchers({}, Of('a'), 0)), "");
  VoucherQuery elsewhere = Of('a');
  elsewhere.bucket = 8;
  EXPECT_EQ(Numbers(issued.ListVouchers({}, elsewhere, 9)), "");
}

TEST_P(IssuedVouchersContract, GoesOnBehindAnyVoucher) {
  std::string numbers;
  VoucherQuery query = Of('a');
  for (int page = 0; page < 5; ++page) {
    const auto one = under_test_->issued().ListVouchers({}, query, 1);
    numbers += Numbers(one);
    query.after = {one->front().created_on, one->front().voucher_id};
  }
  EXPECT_EQ(numbers, "54321");
  EXPECT_EQ(Numbers(under_test_->issued().ListVouchers({}, query, 9)), "");
}

TEST_P(IssuedVouchersContract, ListsWhatWasCreatedFromOneTimeBeforeAnother) {
  const struct {
    absl::Time from, before;
    const char* numbers;
  } cases[] = {
      {At(1), At(2), "32"},
      {At(1), absl::InfiniteFuture(), "5432"},
      {absl::InfinitePast(), At(1), "1"},
      {At(1) + absl::Microseconds(1), At(2), ""},
      {At(1), At(1) + absl::Microseconds(1), "32"},
      {At(2), At(1), ""},
  };
  for (const auto& c : cases) {
    VoucherQuery query = Of('a');
    query.from = c.from;
    query.before = c.before;
    EXPECT_EQ(Numbers(under_test_->issued().ListVouchers({}, query, 9)),
              c.numbers);
  }
}

TEST_P(IssuedVouchersContract, FindsOneByItsIdWithAllThatIsKept) {
  VoucherQuery query = Of('a');
  query.voucher_id = std::string(15, 'v') + '\x03';
  const auto found = under_test_->issued().ListVouchers({}, query, 9);
  ASSERT_EQ(Numbers(found), "3");
  const IssuedVoucher expected = Voucher('a', 3, 1);
  EXPECT_EQ(found->front().audit_event_id, expected.audit_event_id);
  EXPECT_EQ(found->front().voucher, expected.voucher);
  EXPECT_EQ(found->front().format, expected.format);
  EXPECT_EQ(found->front().assertion, expected.assertion);
  EXPECT_EQ(found->front().nonce, expected.nonce);
  EXPECT_EQ(found->front().created_on, expected.created_on);
  EXPECT_EQ(found->front().expires_on, expected.expires_on);
  EXPECT_EQ(found->front().actor, expected.actor);
  query.device_id = std::string(16, 'b');
  EXPECT_EQ(Numbers(under_test_->issued().ListVouchers({}, query, 9)), "");
}

TEST_P(IssuedVouchersContract, SaysUnavailableWhileStopped) {
  if (!under_test_->Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  const auto listed = under_test_->issued().ListVouchers({}, Of('a'), 9);
  EXPECT_EQ(ReasonOf(listed.status()), Reason::kStoreUnavailable);
  under_test_->Restart();
  EXPECT_EQ(Numbers(under_test_->issued().ListVouchers({}, Of('b'), 9)), "9");
}

}  // namespace masa::storage
