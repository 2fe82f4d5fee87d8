// The statements of an import and of an assignment. They throw as libpqxx
// does, so they are called within a transaction's body only.
#ifndef STORAGE_POSTGRES_DEVICE_WRITES_H_
#define STORAGE_POSTGRES_DEVICE_WRITES_H_

#include <pqxx/transaction_base>
#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/device.h"
#include "storage/device_changes.h"

namespace masa::storage {

// Locks the serial numbers against other writers until the transaction ends,
// then reads all that a plan is made from.
StoredFacts LockAndRead(pqxx::transaction_base& transaction,
                        const ScopedNames& serials, const ScopedNames& products,
                        const ScopedNames& organizations);

// The same, and cheaper where most of the serial numbers are new.
StoredFacts AddAndRead(pqxx::transaction_base& transaction,
                       const ScopedNames& serials, const ScopedNames& products,
                       const ScopedNames& organizations);

// Adds a name to ask for; one that no record can have is left out.
void AddName(ScopedNames& names, const std::string& tenant,
             const std::string& id);

// Inserts the devices, or replaces those of the same id. Their own times are
// not looked at: what is new was created at `at`, and all are of then.
void WriteDevices(pqxx::transaction_base& transaction,
                  absl::Span<const Device> devices, absl::Time at);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_DEVICE_WRITES_H_
