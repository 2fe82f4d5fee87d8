#include "services/signing/key_ring.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::signing {

KeyState StateOf(const storage::KeyVersion& version, absl::Time now) {
  if (version.destroyed_at) {
    return KeyState::kDestroyed;
  }
  if (version.retired_at && *version.retired_at <= now) {
    return KeyState::kRetired;
  }
  const bool has_begun = version.version == 0 ||
                         (version.not_before && *version.not_before <= now);
  return has_begun ? KeyState::kActive : KeyState::kPending;
}

KeyRing::KeyRing(const std::vector<storage::KeyVersion>& versions) {
  for (const storage::KeyVersion& version : versions) {
    versions_[{version.key, version.version}] = version;
  }
}

absl::StatusOr<KeyName> KeyRing::InForce(const std::string& key,
                                         absl::Time now) const {
  bool is_any = Find({key, 0}) == nullptr;
  KeyName newest = {key, 0};
  absl::Time began = absl::InfinitePast();
  for (auto at = versions_.lower_bound({key, 0});
       at != versions_.end() && at->first.first == key; ++at) {
    const storage::KeyVersion& version = at->second;
    const absl::Time begins = version.not_before.value_or(absl::InfinitePast());
    if (StateOf(version, now) == KeyState::kActive && begins >= began) {
      is_any = true;
      newest.version = version.version;
      began = begins;
    }
  }
  if (!is_any) {
    return Refuse(Reason::kKeyUnknown,
                  absl::StrCat("signing key ", key,
                               " has no version that signs now; activate one"));
  }
  return newest;
}

const storage::KeyVersion* KeyRing::Find(const KeyName& name) const {
  const auto found = versions_.find({name.key, name.version});
  return found == versions_.end() ? nullptr : &found->second;
}

std::vector<storage::KeyVersion> KeyRing::VersionsOf(
    const std::string& key) const {
  std::vector<storage::KeyVersion> versions;
  for (auto at = versions_.lower_bound({key, 0});
       at != versions_.end() && at->first.first == key; ++at) {
    versions.push_back(at->second);
  }
  return versions;
}

std::vector<std::string> KeyRing::Keys() const {
  std::vector<std::string> keys;
  for (const auto& [name, version] : versions_) {
    if (keys.empty() || keys.back() != name.first) {
      keys.push_back(name.first);
    }
  }
  return keys;
}

}  // namespace masa::signing
