#include "storage/memory/memory_issued_vouchers.h"

#include "storage/contract/issued_vouchers_contract.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {
namespace {

class MemoryIssued final : public IssuedVouchersUnderTest {
 public:
  IssuanceLog& log() override { return store_; }
  IssuedVouchers& issued() override { return issued_; }
  bool Stop() override {
    store_.Stop(true);
    return true;
  }
  void Restart() override { store_.Stop(false); }

 private:
  MemoryStore store_;
  MemoryIssuedVouchers issued_{store_};
};

INSTANTIATE_TEST_SUITE_P(Memory, IssuedVouchersContract,
                         ::testing::Values(MakeIssuedVouchers([] {
                           return std::make_unique<MemoryIssued>();
                         })));

}  // namespace
}  // namespace masa::storage
