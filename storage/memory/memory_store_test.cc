#include "storage/memory/memory_store.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::storage {
namespace {

IssuedVoucher Voucher() {
  IssuedVoucher voucher;
  voucher.voucher_id = std::string(16, 'v');
  voucher.audit_event_id = std::string(16, 'e');
  voucher.tenant_id = "t";
  voucher.device_id = std::string(16, 'd');
  voucher.request_digest = std::string(32, 'r');
  voucher.format = masa::v1::FORMAT_CMS_JSON;
  voucher.voucher = "bytes";
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.domain_id = "domain";
  voucher.pinned_spki_sha256 = std::string(32, 'p');
  voucher.signing_key = "key";
  voucher.actor = "actor";
  return voucher;
}

size_t Stored(MemoryStore& store) {
  return store.ListForDevice({}, 0, std::string(16, 'd'), 10)->size();
}

TEST(MemoryStore, FailsUnstoredOrStoredAsAsked) {
  const struct {
    MemoryStore::Failure failure;
    size_t stored;
  } cases[] = {{MemoryStore::Failure::kUnstored, 0},
               {MemoryStore::Failure::kStored, 1}};
  for (const auto& c : cases) {
    MemoryStore store;
    store.FailNext(c.failure);
    const auto failed = store.Commit({}, {Voucher()});
    EXPECT_EQ(ReasonOf(failed[0].status()), Reason::kStoreUnavailable);
    EXPECT_EQ(Stored(store), c.stored);
    const auto retried = store.Commit({}, {Voucher()});
    ASSERT_TRUE(retried[0].ok()) << retried[0].status();
    EXPECT_EQ(retried[0]->replayed, c.stored == 1);
    EXPECT_EQ(Stored(store), 1u);
  }
}

TEST(MemoryStore, StoppedStoreAnswersNobodyAndComesBack) {
  MemoryStore store;
  store.Stop(true);
  EXPECT_EQ(ReasonOf(store.ReadPolicies({}).status()),
            Reason::kStoreUnavailable);
  store.Stop(false);
  EXPECT_TRUE(store.ReadPolicies({}).ok());
}

}  // namespace
}  // namespace masa::storage
