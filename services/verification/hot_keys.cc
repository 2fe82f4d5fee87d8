#include "services/verification/hot_keys.h"

#include <algorithm>
#include <utility>

namespace masa::verification {
namespace {

constexpr size_t kMostCandidates = 4096;
// Of a P-256 key, uncompressed: longer ones are no candidates.
constexpr size_t kMostOctets = 91;

}  // namespace

std::shared_ptr<const HotKey> HotKeys::Find(absl::string_view spki_der) {
  const MutexLock lock(mutex_);
  ++questions_;
  const auto found = tables_.find(spki_der);
  counts_.Asked(found != tables_.end());
  if (found == tables_.end()) {
    return nullptr;
  }
  found->second.last_asked = questions_;
  return found->second.key;
}

bool HotKeys::HasEarned(absl::string_view spki_der) {
  if (tables_.find(spki_der) != tables_.end()) {
    return false;
  }
  if (candidates_.size() >= kMostCandidates) {
    // Whoever is hot comes again at once.
    candidates_.clear();
  }
  const size_t key = Hash()(spki_der);
  if (++candidates_[key] < limits_.earned_after) {
    return false;
  }
  candidates_.erase(key);
  return true;
}

bool HotKeys::MakeRoom() {
  if (tables_.size() < limits_.tables) {
    return true;
  }
  const auto oldest =
      std::min_element(tables_.begin(), tables_.end(), [](auto& a, auto& b) {
        return a.second.last_asked < b.second.last_asked;
      });
  if (oldest == tables_.end() ||
      questions_ - oldest->second.last_asked < limits_.idle_after) {
    return false;
  }
  tables_.erase(oldest);
  return true;
}

void HotKeys::Earn(absl::string_view spki_der) {
  if (spki_der.size() > kMostOctets) {
    return;
  }
  {
    const MutexLock lock(mutex_);
    if (!HasEarned(spki_der) || making_ || !MakeRoom()) {
      return;
    }
    making_ = true;
  }
  std::shared_ptr<const HotKey> made = HotKey::New(spki_der);
  const MutexLock lock(mutex_);
  making_ = false;
  if (made != nullptr) {
    tables_[std::string(spki_der)] = Entry{std::move(made), questions_};
  }
}

}  // namespace masa::verification
