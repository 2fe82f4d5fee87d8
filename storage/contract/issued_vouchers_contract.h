// The suite of the promise IssuedVouchers, run on every implementation beside
// the log that it lists. A test links :issued_vouchers_suite and says how to
// make both.
#ifndef STORAGE_CONTRACT_ISSUED_VOUCHERS_CONTRACT_H_
#define STORAGE_CONTRACT_ISSUED_VOUCHERS_CONTRACT_H_

#include <functional>
#include <memory>

#include "gtest/gtest.h"
#include "storage/issued_vouchers.h"

namespace masa::storage {

// An implementation under test, empty at first.
class IssuedVouchersUnderTest {
 public:
  virtual ~IssuedVouchersUnderTest() = default;
  virtual IssuanceLog& log() = 0;
  virtual IssuedVouchers& issued() = 0;
  // Takes the store away. False when it cannot be stopped here.
  virtual bool Stop() = 0;
  virtual void Restart() = 0;
};

using MakeIssuedVouchers =
    std::function<std::unique_ptr<IssuedVouchersUnderTest>()>;

class IssuedVouchersContract
    : public ::testing::TestWithParam<MakeIssuedVouchers> {
 protected:
  void SetUp() override;

  std::unique_ptr<IssuedVouchersUnderTest> under_test_;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_ISSUED_VOUCHERS_CONTRACT_H_
