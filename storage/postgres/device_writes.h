// The statements of everything that changes devices. They throw as libpqxx
// does, so they are called within a transaction's body only.
#ifndef STORAGE_POSTGRES_DEVICE_WRITES_H_
#define STORAGE_POSTGRES_DEVICE_WRITES_H_

#include <pqxx/transaction_base>
#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/device.h"
#include "storage/device_changes.h"
#include "storage/ownership_history.h"

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

// The one way in which devices are written. Inserts those of `after`, or
// replaces those of the same id, which stood as in `before`; adds to their
// histories where the owner is another, and to the feed. The devices' own times
// are not looked at: what is new was created at `terms.at`, and all are of
// then. Of devices whose serial numbers are locked.
void ChangeDevices(pqxx::transaction_base& transaction,
                   absl::Span<const Device> before,
                   absl::Span<const Device> after, const MoveTerms& terms);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_DEVICE_WRITES_H_
