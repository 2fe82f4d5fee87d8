// Remembers answers and failures for a while, so that a busy registrar's CA is
// asked once. Bounded.
#ifndef SERVICES_FETCH_CACHING_FETCHER_H_
#define SERVICES_FETCH_CACHING_FETCHER_H_

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/fetch/fetcher.h"
#include "services/observe/clock.h"

namespace masa::fetch {

struct FetchCacheLimits {
  absl::Duration keep = absl::Minutes(5);
  absl::Duration keep_failure = absl::Seconds(30);
  size_t entries = 256;
};

class CachingFetcher final : public Fetcher {
 public:
  // Both outlive this.
  CachingFetcher(Fetcher& fetcher, const Clock& clock,
                 FetchCacheLimits limits = {})
      : fetcher_(fetcher), clock_(clock), limits_(limits) {}

  absl::StatusOr<std::string> Fetch(const FetchRequest& request,
                                    absl::Time deadline) override;

 private:
  using Name = std::pair<std::string, std::string>;  // URL, body
  struct Entry {
    absl::StatusOr<std::string> outcome;
    absl::Time until;
  };

  void Keep(const Name& name, const absl::StatusOr<std::string>& outcome,
            absl::Time now);

  Fetcher& fetcher_;
  const Clock& clock_;
  const FetchCacheLimits limits_;
  absl::Mutex mutex_;
  std::map<Name, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_CACHING_FETCHER_H_
