// The suite of the log of audit events: like the others (store_contract.h), of
// implementations that have a log.
#ifndef STORAGE_CONTRACT_AUDIT_LOG_CONTRACT_H_
#define STORAGE_CONTRACT_AUDIT_LOG_CONTRACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "storage/audit_log.h"
#include "storage/audit_sequence.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {

class LoggedStoresUnderTest : public StoresUnderTest {
 public:
  virtual AuditLog& audit_log() = 0;
  virtual AuditSequence& sequence() = 0;
};

class AuditLogContract : public StoreContract {
 protected:
  AuditLog& audit_log() { return logged().audit_log(); }
  AuditSequence& sequence() { return logged().sequence(); }

  // A device "S1" of tenant "a" with so many vouchers, and nothing of what was
  // written before in the outbox. The vouchers' events.
  std::vector<std::string> IssueSome(int count);
  // All that is in the outbox of tenant "a", as an append behind `from`.
  LogAppend NextAppend(uint64_t from);
  // Puts all of tenant "a" into its log, and expects success.
  void SequenceAll();

  Device device_;
  int64_t epoch_ = 0;  // of the lease that NextAppend takes

 private:
  LoggedStoresUnderTest& logged() {
    return static_cast<LoggedStoresUnderTest&>(stores());
  }
};

// `make` makes LoggedStoresUnderTest.
#define MASA_INSTANTIATE_AUDIT_LOG_CONTRACT(name, make) \
  INSTANTIATE_TEST_SUITE_P(name, AuditLogContract,      \
                           ::testing::Values(MakeStores(make)))

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_AUDIT_LOG_CONTRACT_H_
