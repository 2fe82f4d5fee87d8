#include "storage/memory/memory_verifications.h"

#include "services/status/reason.h"
#include "storage/contract/verification_contract.h"

namespace masa::storage {
namespace {

MemoryAuditLog::OwnerOf Nobody() {
  return [](const std::string&, const std::string&) {
    return MemoryAuditLog::Owner();
  };
}

class InMemory final : public VerificationsUnderTest {
 public:
  VerificationStore& store() override { return store_; }
  int CountEvents(const std::string& kind) override {
    const auto rows = log_.ReadOutbox({}, {}, 1000);
    storage::LogAppend append;
    append.tenant_id = "a";
    append.epoch =
        **log_.TakeLease({}, "test", absl::UnixEpoch(), absl::InfiniteFuture());
    append.from = log_.ReadHead({}, "a")->size;
    append.rows = *rows;
    append.after = {append.from + rows->size(), std::string(32, 'r')};
    EXPECT_TRUE(log_.Append({}, append).ok());
    int count = 0;
    const auto entries = log_.ReadEntries({}, "a", 0, 1000);
    for (const LoggedEvent& one : *entries) {
      count += one.event->kind == kind && one.event->who.actor == "op" ? 1 : 0;
    }
    return count;
  }

 private:
  MemoryAuditLog log_{Nobody()};
  MemoryVerifications store_{log_};
};

INSTANTIATE_TEST_SUITE_P(Memory, VerificationContract,
                         ::testing::Values(MakeVerifications(
                             []() -> std::unique_ptr<VerificationsUnderTest> {
                               return std::make_unique<InMemory>();
                             })));

TEST(MemoryVerifications, FailsAsItIsTold) {
  MemoryAuditLog log(Nobody());
  MemoryVerifications store(log);
  AuditVerification made;
  made.set_tenant_id("a");
  made.set_verification_id(std::string(16, '1'));
  store.FailOnce(false);
  EXPECT_EQ(
      ReasonOf(
          store.StartVerification({}, absl::UnixEpoch(), made, {}).status()),
      Reason::kStoreUnavailable);
  EXPECT_FALSE(store.GetVerification({}, {"a", std::string(16, '1')}).ok());
  store.FailOnce(true);
  EXPECT_EQ(
      ReasonOf(
          store.StartVerification({}, absl::UnixEpoch(), made, {}).status()),
      Reason::kStoreUnavailable);
  EXPECT_TRUE(store.GetVerification({}, {"a", std::string(16, '1')}).ok());
}

}  // namespace
}  // namespace masa::storage
