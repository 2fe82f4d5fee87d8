// One suite per promise of storage, run on every implementation. A test of an
// implementation links :suites and says how to make its stores with
// MASA_INSTANTIATE_STORE_CONTRACT.
#ifndef STORAGE_CONTRACT_STORE_CONTRACT_H_
#define STORAGE_CONTRACT_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "storage/catalog_store.h"
#include "storage/claim_store.h"
#include "storage/device_registry.h"
#include "storage/device_store.h"
#include "storage/feed_store.h"
#include "storage/group_store.h"
#include "storage/history_store.h"
#include "storage/import_store.h"
#include "storage/issuance_log.h"
#include "storage/key_store.h"
#include "storage/owned_devices.h"
#include "storage/standing_store.h"
#include "storage/transfer_store.h"

namespace masa::storage {

// An implementation under test, empty at first.
class StoresUnderTest {
 public:
  virtual ~StoresUnderTest() = default;

  virtual CatalogStore& catalog() = 0;
  virtual DeviceStore& devices() = 0;
  virtual IssuanceLog& log() = 0;
  virtual ClaimStore& claims() = 0;
  virtual OwnedDevices& owned() = 0;
  virtual GroupStore& groups() = 0;
  virtual DeviceRegistry& registry() = 0;
  virtual ImportStore& imports() = 0;
  virtual HistoryStore& histories() = 0;
  virtual TransferStore& transfers() = 0;
  virtual FeedStore& feed() = 0;
  // Tenant "a"'s retention of the feed, of all that is in it.
  virtual void ForgetFeed() = 0;
  virtual StandingStore& standings() = 0;
  virtual KeyStore& keys() = 0;
  // The kinds of all audit events, in any order.
  virtual std::vector<std::string> EventKinds() = 0;
  // Takes the store away, and brings it back with its records. False when
  // this implementation cannot be stopped here.
  virtual bool Stop() = 0;
  virtual void Restart() = 0;
};

using MakeStores = std::function<std::unique_ptr<StoresUnderTest>()>;

class StoreContract : public ::testing::TestWithParam<MakeStores> {
 protected:
  void SetUp() override;

  CatalogStore& catalog() { return stores_->catalog(); }
  DeviceStore& devices() { return stores_->devices(); }
  IssuanceLog& log() { return stores_->log(); }
  ClaimStore& claims() { return stores_->claims(); }
  OwnedDevices& owned() { return stores_->owned(); }
  GroupStore& groups() { return stores_->groups(); }
  DeviceRegistry& registry() { return stores_->registry(); }
  ImportStore& imports() { return stores_->imports(); }
  HistoryStore& histories() { return stores_->histories(); }
  TransferStore& transfers() { return stores_->transfers(); }
  FeedStore& feed() { return stores_->feed(); }
  StandingStore& standings() { return stores_->standings(); }
  KeyStore& keys() { return stores_->keys(); }
  StoresUnderTest& stores() { return *stores_; }

  // How many events of `kind` there are.
  int CountEvents(const std::string& kind);

  // A device of the tenant's product "p".
  static Device MakeDevice(const std::string& tenant,
                           const std::string& serial);
  // Imports one device and expects success.
  void ImportOne(const Device& device);
  // A voucher for the device, with fresh ids and a digest of `digest` octets.
  static IssuedVoucher MakeVoucher(const Device& device, char digest);
  // What is on record of a chain with these hashes.
  absl::StatusOr<DomainFacts> DomainOf(const std::string& tenant_id,
                                       std::vector<std::string> spki_sha256) {
    return catalog()
        .DomainsOf(context_, {{tenant_id, std::move(spki_sha256)}})
        .front();
  }
  // The only answer to one question.
  absl::StatusOr<DeviceAnswer> FindOne(const DeviceQuestion& question);

  // Tenants "a" and "b", each with product "p" and organisations "o", "q";
  // tenant "a" has a domain certificate of "o".
  masa::v1::Catalog catalog_;
  testing::Identity domain_;
  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  const RequestContext context_ = {"request-1", "", absl::InfiniteFuture()};

 private:
  std::unique_ptr<StoresUnderTest> stores_;
};

// What status has as its reason; OK has none.
#define EXPECT_REASON(expected, status_or)                                  \
  do {                                                                      \
    const absl::Status masa_expected_ = StatusOf(status_or);                \
    ASSERT_FALSE(masa_expected_.ok());                                      \
    EXPECT_EQ(InfoOf(expected).name, InfoOf(ReasonOf(masa_expected_)).name) \
        << masa_expected_;                                                  \
  } while (false)

inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& status) {
  return status.status();
}

class CatalogContract : public StoreContract {};
class DeviceContract : public StoreContract {};
class RegistryContract : public StoreContract {};
class ImportContract : public StoreContract {};
class IssuanceContract : public StoreContract {};
class ClaimContract : public StoreContract {};
class KeyContract : public StoreContract {};
class GroupContract : public StoreContract {
 protected:
  // The tree of organisation "o" of tenant "a".
  OrganizationTree Tree();
  // A change of that tree as it is now.
  TreeChange NewChange(const char* kind);
  // Makes the change and expects success.
  void Do(const TreeChange& change);
  // Adds the group below `parent`, and expects success.
  void AddGroup(const std::string& id, const std::string& parent);
  absl::StatusOr<Device> Move(const std::string& serial,
                              const std::string& from, const std::string& to);
};

class HistoryContract : public StoreContract {
 protected:
  // All entries of tenant "a"'s device, the oldest first.
  std::vector<HistoryRecord> HistoryOf(const std::string& serial);
};
class TransferContract : public HistoryContract {
 protected:
  // Tenant "a"'s device as it is now.
  Device Stored(const std::string& serial);
  // A change that offers these devices of "o" to "q".
  TransferChange OfferOf(const std::vector<std::string>& serials);
  // A change that ends the transfer, with its devices as the receiver's.
  TransferChange AcceptanceOf(const Transfer& offered);
};

class FeedContract : public TransferContract {
 protected:
  // All of tenant "a" behind `place`, which moves to the end.
  std::vector<FeedBatch> ReadAll(FeedCursor& place);
  // What has come since the last call.
  std::vector<OwnershipChange> NewChanges();

  FeedCursor seen_ = {};  // where NewChanges goes on
};

class StandingContract : public GroupContract {
 protected:
  // The hash of the key of domain_.
  std::string Key();
  // Of tenant "a"'s device.
  absl::StatusOr<StandingFacts> Standing(const std::string& serial,
                                         const std::string& spki_sha256);
};

#define MASA_INSTANTIATE_STORE_CONTRACT(name, make)              \
  INSTANTIATE_TEST_SUITE_P(name, CatalogContract,                \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, DeviceContract,                 \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, ClaimContract,                  \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, GroupContract,                  \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, RegistryContract,               \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, ImportContract,                 \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, HistoryContract,                \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, FeedContract,                   \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, TransferContract,               \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, KeyContract,                    \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, StandingContract,               \
                           ::testing::Values(MakeStores(make))); \
  INSTANTIATE_TEST_SUITE_P(name, IssuanceContract,               \
                           ::testing::Values(MakeStores(make)))

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_STORE_CONTRACT_H_
