#include "services/edge/status/status_cache.h"

#include <algorithm>
#include <utility>

namespace masa::edge {

std::shared_ptr<const std::string> StatusCache::Find(
    const std::string& question) const {
  const absl::Time now = clock_.Now();
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = entries_.find(question);
  return found == entries_.end() || found->second.until <= now
             ? nullptr
             : found->second.answer;
}

void StatusCache::Keep(const std::string& question,
                       std::shared_ptr<const std::string> answer,
                       absl::Time end) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= most_) {
    std::erase_if(entries_,
                  [now](const auto& one) { return one.second.until <= now; });
  }
  if (entries_.size() >= most_) {
    entries_.clear();  // all are fresh: whoever comes again asks again
  }
  entries_[question] = {std::move(answer), std::min(end, now + time_)};
}

}  // namespace masa::edge
