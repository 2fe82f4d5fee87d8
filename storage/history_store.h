// The promise of ownership histories. Entries are written where owners change,
// in the transaction that changes them, a batch for each transaction and
// tenant; batches are signed afterwards. Entries, batches and signatures never
// change. Thread-safe; blocks. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_HISTORY_STORE_H_
#define STORAGE_HISTORY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/ownership_entry.h"

namespace masa::storage {

// The entries of one transaction: leaf i is the hash of its entry i.
struct OwnershipBatch {
  std::string tenant_id;
  std::string batch_id;             // 16 octets
  std::vector<std::string> leaves;  // 32 octets each, 1 to 1000
};

// What a key said of a batch's root.
struct BatchSignature {
  std::string batch_id;
  std::string signing_key;
  std::string signature;
  std::vector<std::string> chain_der;  // signer first, anchor last
  absl::Time signed_at;
};

struct HistoryRecord {
  OwnershipEntry entry;
  int32_t leaf_index = 0;
  OwnershipBatch batch;
  std::optional<BatchSignature> signature;  // none: not signed yet
};

struct HistoryQuestion {
  int16_t bucket = 0;     // the device's
  std::string device_id;  // 16 octets
  // Not the entries before the last one that does not open the past.
  bool opened_only = false;
  int32_t first_number = 0;
  int limit = 0;
};

class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  // By number, the oldest first. Fewer than the limit: there are no more.
  virtual absl::StatusOr<std::vector<HistoryRecord>> ReadHistory(
      const RequestContext& context, const HistoryQuestion& question) = 0;

  // The tenant's batches without a signature, in no order, at most `limit`.
  virtual absl::StatusOr<std::vector<OwnershipBatch>> ListUnsigned(
      const RequestContext& context, const std::string& tenant_id,
      int limit) = 0;

  // Durable on return. A batch that has a signature keeps it.
  virtual absl::Status KeepSignatures(
      const RequestContext& context,
      absl::Span<const BatchSignature> signatures) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_HISTORY_STORE_H_
