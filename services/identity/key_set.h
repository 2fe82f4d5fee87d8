// The keys of one OpenID provider, read again when a token names one that is
// not known, and now and then, so that withdrawn keys go. Thread-safe; a read
// blocks the one caller that it falls to, and no other.
#ifndef SERVICES_IDENTITY_KEY_SET_H_
#define SERVICES_IDENTITY_KEY_SET_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/observe/clock.h"
#include "services/wire/jwt.h"

namespace masa::identity {

class KeySet {
 public:
  // Gives the set's JSON, or says why not.
  using Read = std::function<absl::StatusOr<std::string>()>;

  // However many tokens name keys that are not there, no more often is asked.
  static constexpr absl::Duration kLeastBetweenReads = absl::Seconds(30);
  static constexpr absl::Duration kOldest = absl::Minutes(5);

  // `clock` outlives this. Nothing is read yet.
  KeySet(Read read, const Clock& clock)
      : read_(std::move(read)), clock_(clock) {}

  // Reads now. What a failed read leaves is the last good set.
  absl::Status Refresh();

  // kUnauthenticated when no key of this id is for this algorithm.
  absl::StatusOr<wire::Jwk> Find(const std::string& key_id,
                                 SignatureAlgorithm algorithm);

 private:
  absl::StatusOr<wire::Jwk> Known(const std::string& key_id,
                                  SignatureAlgorithm algorithm) const;
  // Whether a read falls to this caller now.
  bool TakeTurn(bool is_known);

  const Read read_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  std::vector<wire::Jwk> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Time tried_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time succeeded_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace masa::identity

#endif  // SERVICES_IDENTITY_KEY_SET_H_
