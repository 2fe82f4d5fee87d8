// Ownership histories as rows. Called within the body of the transaction that
// changes the devices; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_HISTORY_ROWS_H_
#define STORAGE_POSTGRES_HISTORY_ROWS_H_

#include <pqxx/row>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "storage/device.h"
#include "storage/ownership_history.h"

namespace masa::storage {

// The entry whose columns start at `first`: device_id, number, prev_hash, kind,
// from, to, microseconds, opens_past.
OwnershipEntry ReadEntry(const pqxx::row& row, int first);

// Adds an entry for each device of `after`, as it is written, whose owner is
// not the one in `before`, as it was read; and their batch. The serial numbers
// of the devices are locked (LockAndRead).
void WriteHistory(pqxx::transaction_base& transaction,
                  absl::Span<const Device> before,
                  absl::Span<const Device> after, const MoveTerms& terms);

// Certificates as the column `chain` holds them; what does not parse is empty.
std::string JoinChain(const std::vector<std::string>& chain_der);
std::vector<std::string> SplitChain(const std::string& octets);

// Hashes as the column `leaves` holds them.
std::string JoinLeaves(const std::vector<std::string>& leaves);
std::vector<std::string> SplitLeaves(const std::string& octets);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_HISTORY_ROWS_H_
