#include "services/fetch/caching_fetcher.h"

#include <algorithm>

namespace masa::fetch {

absl::StatusOr<std::string> CachingFetcher::Fetch(const FetchRequest& request,
                                                  absl::Time deadline) {
  const absl::Time now = clock_.Now();
  const Name name(request.url, request.body);
  {
    absl::MutexLock lock(&mutex_);
    const auto found = entries_.find(name);
    if (found != entries_.end() && found->second.until > now) {
      return found->second.outcome;
    }
  }
  absl::StatusOr<std::string> outcome = fetcher_.Fetch(request, deadline);
  Keep(name, outcome, clock_.Now());
  return outcome;
}

void CachingFetcher::Keep(const Name& name,
                          const absl::StatusOr<std::string>& outcome,
                          absl::Time now) {
  const absl::Duration keep =
      outcome.ok() ? limits_.keep : limits_.keep_failure;
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= limits_.entries && entries_.count(name) == 0) {
    // The one that ends first has the least to give.
    entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                    [](const auto& a, const auto& b) {
                                      return a.second.until < b.second.until;
                                    }));
  }
  entries_.insert_or_assign(name, Entry{outcome, now + keep});
}

}  // namespace masa::fetch
