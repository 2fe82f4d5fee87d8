// The keys that earned a table. Bounded in memory and in the work that
// strangers' keys can cause; thread-safe.
#ifndef SERVICES_VERIFICATION_HOT_KEYS_H_
#define SERVICES_VERIFICATION_HOT_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "services/executor/mutex.h"
#include "services/observe/cache_counts.h"
#include "services/verification/hot_key.h"

namespace masa::verification {

struct HotKeyLimits {
  size_t tables = 256;  // 150 KB each
  // Signatures that held, after which a key gets its table: so many, by table,
  // would have saved what the table costs (ADR 0007).
  int earned_after = 14;
  // A full house gives up a table only when it was not asked for during so
  // many questions. So making tables costs at most 1 ms per 256 questions,
  // whatever keys strangers bring.
  uint64_t idle_after = 65'536;
};

class HotKeys {
 public:
  explicit HotKeys(const HotKeyLimits& limits = {}) : limits_(limits) {}

  // Null for a key that has no table. Counts as a question.
  std::shared_ptr<const HotKey> Find(absl::string_view spki_der);

  // A signature of this key held. May make its table, in the caller's thread;
  // others go on without one meanwhile.
  void Earn(absl::string_view spki_der);

  // Hits are keys that have a table.
  const CacheCounts& counts() const { return counts_; }

 private:
  struct Entry {
    std::shared_ptr<const HotKey> key;
    uint64_t last_asked = 0;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(absl::string_view key) const {
      return std::hash<std::string_view>()({key.data(), key.size()});
    }
  };

  bool HasEarned(absl::string_view spki_der)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const HotKeyLimits limits_;
  CacheCounts counts_;
  Mutex mutex_;
  uint64_t questions_ ABSL_GUARDED_BY(mutex_) = 0;
  bool making_ ABSL_GUARDED_BY(mutex_) = false;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> tables_
      ABSL_GUARDED_BY(mutex_);
  // How often the signature of a key held, by the key's hash.
  std::unordered_map<size_t, int> candidates_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_HOT_KEYS_H_
