// Changes of devices that come with what other stores keep.
#include "services/status/reason.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {

absl::Status MemoryStore::Amended(absl::Time at, const Amend& amend) {
  const absl::Status unavailable =
      Refuse(Reason::kStoreUnavailable, "the store cannot answer");
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return unavailable;
  }
  const StoredFacts facts = Facts();
  const Amendment amendment = amend(facts);
  Record(facts.devices, amendment.devices, {OwnerChange::kImported, at});
  Write(amendment.devices, amendment.events);
  return fate == Fate::kStored ? unavailable : absl::OkStatus();
}

}  // namespace masa::storage
