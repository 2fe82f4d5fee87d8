#include "gtest/gtest.h"
#include "storage/contract/audit_log_contract.h"
#include "storage/contract/store_contract.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {
namespace {

class MemoryUnderTest final : public LoggedStoresUnderTest {
 public:
  CatalogStore& catalog() override { return store_; }
  DeviceStore& devices() override { return store_; }
  IssuanceLog& log() override { return store_; }
  ClaimStore& claims() override { return store_; }
  OwnedDevices& owned() override { return store_; }
  GroupStore& groups() override { return store_; }
  DeviceRegistry& registry() override { return store_; }
  ImportStore& imports() override { return store_; }
  HistoryStore& histories() override { return store_; }
  TransferStore& transfers() override { return store_; }
  FeedStore& feed() override { return store_; }
  void ForgetFeed() override { store_.ForgetFeed(); }
  AuditLog& audit_log() override { return store_.audit_log(); }
  AuditSequence& sequence() override { return store_.audit_log(); }
  StandingStore& standings() override { return store_; }
  KeyStore& keys() override { return store_; }
  std::vector<std::string> EventKinds() override {
    std::vector<std::string> kinds;
    for (const AuditEvent& event : store_.Events()) {
      kinds.push_back(event.kind);
    }
    return kinds;
  }
  bool Stop() override {
    store_.Stop(true);
    return true;
  }
  void Restart() override { store_.Stop(false); }

 private:
  MemoryStore store_;
};

MASA_INSTANTIATE_STORE_CONTRACT(Memory, [] {
  return std::make_unique<MemoryUnderTest>();
});

MASA_INSTANTIATE_AUDIT_LOG_CONTRACT(Memory, [] {
  return std::make_unique<MemoryUnderTest>();
});

masa::v1::Catalog OneTenant() {
  masa::v1::Catalog catalog;
  catalog.add_tenants()->set_tenant_id("a");
  return catalog;
}

TEST(MemoryStore, FailsUnstoredOnce) {
  MemoryStore store;
  store.FailNext(MemoryStore::Failure::kUnstored);
  EXPECT_REASON(Reason::kStoreUnavailable,
                store.Apply({}, "t", absl::UnixEpoch(), OneTenant()));
  EXPECT_TRUE(store.Events().empty());
  EXPECT_TRUE(store.Apply({}, "t", absl::UnixEpoch(), OneTenant()).ok());
  EXPECT_EQ(store.Calls(), 2);
}

TEST(MemoryStore, FailsButStores) {
  MemoryStore store;
  store.FailNext(MemoryStore::Failure::kStored);
  EXPECT_REASON(Reason::kStoreUnavailable,
                store.Apply({}, "t", absl::UnixEpoch(), OneTenant()));
  EXPECT_EQ(store.Events().size(), 1u);
  EXPECT_EQ(store.ReadPolicies({})->tenants_size(), 1);
}

}  // namespace
}  // namespace masa::storage
