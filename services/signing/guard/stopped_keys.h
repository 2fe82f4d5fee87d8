// The keys that are stopped at once (OP-11): a file of their names, one in a
// line, read again while the process runs.
#ifndef SERVICES_SIGNING_GUARD_STOPPED_KEYS_H_
#define SERVICES_SIGNING_GUARD_STOPPED_KEYS_H_

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/executor/mutex.h"

namespace masa::signing {

// Thread-safe.
class StoppedKeys {
 public:
  using ReadText = std::function<absl::StatusOr<std::string>()>;
  using Listed = std::function<void(const std::string& name)>;

  // `read` gives the file's text: names, blank lines, and comments after '#'.
  // `listed`, if any, is told of each name that the list did not have when it
  // was read before; by whoever happens to ask.
  explicit StoppedKeys(ReadText read, Listed listed = {})
      : read_(std::move(read)), listed_(std::move(listed)) {}

  // kSignerUnavailable for a key that is in the list, and for every key while
  // the list cannot be read. Reads it again when that was a second ago.
  absl::Status Check(const std::string& key, absl::Time now);

  // Whether the list has this name. kSignerUnavailable while it cannot be read.
  absl::StatusOr<bool> Lists(const std::string& name, absl::Time now);

 private:
  // The names that are new.
  std::set<std::string> ReadAgain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::set<std::string> ReadIfOld(absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ReadText read_;
  const Listed listed_;
  Mutex mutex_;
  absl::StatusOr<std::set<std::string>> names_ ABSL_GUARDED_BY(mutex_) =
      std::set<std::string>();
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_GUARD_STOPPED_KEYS_H_
