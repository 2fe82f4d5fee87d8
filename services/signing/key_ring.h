// All versions of all keys, and which of them signs when. Pure.
#ifndef SERVICES_SIGNING_KEY_RING_H_
#define SERVICES_SIGNING_KEY_RING_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/signing/key_names.h"
#include "storage/key_store.h"

namespace masa::signing {

enum class KeyState {
  kPending = 1,
  kActive = 2,
  kRetired = 3,
  kDestroyed = 4,
};

// What a version is at this moment.
KeyState StateOf(const storage::KeyVersion& version, absl::Time now);

// Immutable; safe to share.
class KeyRing {
 public:
  KeyRing() = default;
  explicit KeyRing(const std::vector<storage::KeyVersion>& versions);

  // What signs under `key` at this moment: of the active versions the one that
  // began last. Version 0, the one of the signer's configuration, signs before
  // all others unless it is retired. kKeyUnknown when none does.
  absl::StatusOr<KeyName> InForce(const std::string& key, absl::Time now) const;

  // Null when there is no record of it.
  const storage::KeyVersion* Find(const KeyName& name) const;

  // Those with a record, by number.
  std::vector<storage::KeyVersion> VersionsOf(const std::string& key) const;

  // Of all keys of which there is a record.
  std::vector<std::string> Keys() const;

 private:
  std::map<std::pair<std::string, int32_t>, storage::KeyVersion> versions_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_KEY_RING_H_
