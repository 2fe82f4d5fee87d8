// The decorators answer as the stores behind them do.
#include "gtest/gtest.h"
#include "storage/batching/batching_device_store.h"
#include "storage/batching/batching_issuance_log.h"
#include "storage/contract/store_contract.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {
namespace {

class BatchingUnderTest final : public StoresUnderTest {
 public:
  CatalogStore& catalog() override { return store_; }
  DeviceStore& devices() override { return devices_; }
  IssuanceLog& log() override { return log_; }
  ClaimStore& claims() override { return store_; }
  OwnedDevices& owned() override { return store_; }
  GroupStore& groups() override { return store_; }
  DeviceRegistry& registry() override { return store_; }
  ImportStore& imports() override { return store_; }
  HistoryStore& histories() override { return store_; }
  TransferStore& transfers() override { return store_; }
  FeedStore& feed() override { return store_; }
  void ForgetFeed() override { store_.ForgetFeed(); }
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
  BatchingDeviceStore devices_{store_};
  BatchingIssuanceLog log_{store_};
};

MASA_INSTANTIATE_STORE_CONTRACT(Batching, [] {
  return std::make_unique<BatchingUnderTest>();
});

}  // namespace
}  // namespace masa::storage
