// How many signatures of one key a signer process gives out: at a time and in
// a day. What a captured authority could make of a key is bounded here, beside
// the key (OP-13). Time comes in.
#ifndef SERVICES_SIGNING_GUARD_KEY_BUDGET_H_
#define SERVICES_SIGNING_GUARD_KEY_BUDGET_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/executor/mutex.h"
#include "services/signing/guard/budget_store.h"

namespace masa::signing {

// This process's share; no limit when zero.
struct KeyLimit {
  uint32_t per_second = 0;
  uint64_t per_day = 0;  // UTC
};

// Thread-safe.
class KeyBudget {
 public:
  // `store` outlives this; null when there is no limit for a day.
  // kMisconfigured when what was spent cannot be read.
  static absl::StatusOr<std::unique_ptr<KeyBudget>> New(std::string key,
                                                        const KeyLimit& limit,
                                                        BudgetStore* store);

  // How many of `wanted` may be made now, at least one. kOverloaded and
  // kQuotaExceeded when none may; kSignerUnavailable when the day's count
  // cannot be kept, so that it could be exceeded. What was taken is spent,
  // whether or not a signature is made.
  absl::StatusOr<size_t> Take(size_t wanted, absl::Time now);

 private:
  KeyBudget(std::string key, const KeyLimit& limit, BudgetStore* store,
            const SpentBudget& spent)
      : key_(std::move(key)), limit_(limit), store_(store), reserved_(spent) {}

  absl::StatusOr<size_t> TakeOfSecond(size_t wanted, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<size_t> TakeOfDay(size_t wanted, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string key_;
  const KeyLimit limit_;
  BudgetStore* const store_;
  Mutex mutex_;
  // Written before it is given out, so much at a time that writing is rare: a
  // process that dies loses the rest of its day's last block.
  SpentBudget reserved_ ABSL_GUARDED_BY(mutex_);
  uint64_t left_ ABSL_GUARDED_BY(mutex_) = 0;   // of what is reserved
  double tokens_ ABSL_GUARDED_BY(mutex_) = -1;  // not asked yet
  absl::Time refilled_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_GUARD_KEY_BUDGET_H_
