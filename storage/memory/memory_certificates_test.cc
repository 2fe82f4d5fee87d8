#include "storage/memory/memory_certificates.h"

#include <algorithm>

#include "storage/contract/certificate_contract.h"

namespace masa::storage {
namespace {

class MemoryUnderTest final : public CertificatesUnderTest {
 public:
  CatalogStore& catalog() override { return store_; }
  DeviceStore& devices() override { return store_; }
  CertificateStore& certificates() override { return certificates_; }
  StatusStore& statuses() override { return certificates_; }
  int CountEvents(const std::string& kind) override {
    const auto events = store_.Events();
    return static_cast<int>(
        std::count_if(events.begin(), events.end(),
                      [&](const AuditEvent& one) { return one.kind == kind; }));
  }
  bool Stop() override {
    store_.Stop(true);
    return true;
  }
  void Restart() override { store_.Stop(false); }

 private:
  MemoryStore store_;
  MemoryCertificates certificates_{store_};
};

INSTANTIATE_TEST_SUITE_P(Memory, CertificateContract,
                         ::testing::Values(MakeCertificates([] {
                           return std::make_unique<MemoryUnderTest>();
                         })));

TEST(MemoryCertificates, MayStoreWhatItsCallerHearsNothingOf) {
  MemoryStore store;
  MemoryCertificates certificates(store);
  store.FailNext(MemoryStore::Failure::kStored);
  const PermitBatch batch = {"a",
                             "factory",
                             std::string(32, 't'),
                             {"S1"},
                             absl::UnixEpoch() + absl::Hours(1)};
  EXPECT_FALSE(
      certificates.AddPermits({}, "ada", absl::UnixEpoch(), batch).ok());
  const auto facts =
      certificates.Ask({}, {{"a", "S1", std::string(32, 't')}}).front();
  ASSERT_TRUE(facts.ok());
  EXPECT_TRUE(facts->permit.has_value());
}

}  // namespace
}  // namespace masa::storage
