#include "services/identity/key_set.h"

#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::identity {

absl::Status KeySet::Refresh() {
  {
    absl::MutexLock lock(&mutex_);
    tried_ = clock_.Now();
  }
  MASA_ASSIGN_OR_RETURN(const std::string json, read_());
  MASA_ASSIGN_OR_RETURN(std::vector<wire::Jwk> keys, wire::ParseJwks(json));
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(keys);
  succeeded_ = clock_.Now();
  return absl::OkStatus();
}

bool KeySet::TakeTurn(bool is_known) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  // A clock that has stepped back makes nothing recent.
  const auto is_within = [now](absl::Duration time, absl::Time since) {
    return since <= now && now - since < time;
  };
  if (is_within(kLeastBetweenReads, tried_) ||
      (is_known && is_within(kOldest, succeeded_))) {
    return false;
  }
  tried_ = now;
  return true;
}

absl::StatusOr<wire::Jwk> KeySet::Find(const std::string& key_id,
                                       SignatureAlgorithm algorithm) {
  auto key = Known(key_id, algorithm);
  if (!TakeTurn(key.ok())) {
    return key;
  }
  // A provider that does not answer must not lock out those whose keys are
  // known.
  (void)Refresh();
  return Known(key_id, algorithm);
}

absl::StatusOr<wire::Jwk> KeySet::Known(const std::string& key_id,
                                        SignatureAlgorithm algorithm) const {
  absl::MutexLock lock(&mutex_);
  for (const wire::Jwk& key : keys_) {
    if (key.key_id == key_id && key.algorithm == algorithm) {
      return key;
    }
  }
  return Refuse(Reason::kUnauthenticated,
                "the token's key is not one of its issuer's");
}

}  // namespace masa::identity
