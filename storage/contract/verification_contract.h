// The suite of the promise VerificationStore, run on every implementation. A
// test links :verifications_suite and says how to make one.
#ifndef STORAGE_CONTRACT_VERIFICATION_CONTRACT_H_
#define STORAGE_CONTRACT_VERIFICATION_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "storage/verification_store.h"

namespace masa::storage {

// An implementation under test, empty at first.
class VerificationsUnderTest {
 public:
  virtual ~VerificationsUnderTest() = default;
  virtual VerificationStore& store() = 0;
  // Of audit events of tenant "a" by "op".
  virtual int CountEvents(const std::string& kind) = 0;
};

using MakeVerifications =
    std::function<std::unique_ptr<VerificationsUnderTest>()>;

class VerificationContract
    : public ::testing::TestWithParam<MakeVerifications> {
 protected:
  void SetUp() override;

  VerificationStore& store() { return under_test_->store(); }
  int CountEvents(const std::string& kind) {
    return under_test_->CountEvents(kind);
  }

  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  const RequestContext context_ = {"request-1", "", absl::InfiniteFuture()};
  std::unique_ptr<VerificationsUnderTest> under_test_;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_VERIFICATION_CONTRACT_H_
