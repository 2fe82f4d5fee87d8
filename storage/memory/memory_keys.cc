// Versions of signing keys in memory.
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/key_rules.h"
#include "storage/memory/memory_store.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

}  // namespace

absl::StatusOr<std::vector<KeyVersion>> MemoryStore::ReadKeys(
    const RequestContext& context) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<KeyVersion> versions;
  for (const auto& [name, version] : key_versions_) {
    versions.push_back(version);
  }
  return versions;
}

absl::Status MemoryStore::WriteKey(const RequestContext& context,
                                   const std::string& actor, absl::Time at,
                                   const KeyChange& change) {
  MASA_RETURN_IF_ERROR(CheckKeyVersion(change.after));
  absl::MutexLock lock(&mutex_);
  const Fate fate = NextFate();
  if (fate == Fate::kUnstored) {
    return Unavailable();
  }
  const KeyVersion& after = change.after;
  const auto found = key_versions_.find({after.key, after.version});
  const bool is_it = found == key_versions_.end()
                         ? after.revision == 0
                         : after.revision == found->second.revision &&
                               after.tenant_id == found->second.tenant_id;
  if (!is_it) {
    return KeyHasChanged();
  }
  if (!Remember(change.once)) {
    return RequestIsKnown();
  }
  std::optional<KeyVersion> before;
  if (found != key_versions_.end()) {
    before = found->second;
  }
  key_versions_[{after.key, after.version}] = AsStored(after);
  Write({}, {KeyEvent(change, before, actor, at, context.request_id)});
  return fate == Fate::kStored ? Unavailable() : absl::OkStatus();
}

}  // namespace masa::storage
