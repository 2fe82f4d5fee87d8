// The protected header that a key's vouchers begin with: read whole once, then
// known by its octets.
#ifndef SERVICES_WIRE_KNOWN_HEADER_H_
#define SERVICES_WIRE_KNOWN_HEADER_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace masa::wire {

// Thread-safe. Belongs to one key, and so to one algorithm.
class KnownHeader {
 public:
  bool Is(absl::string_view header) const {
    absl::ReaderMutexLock lock(&mutex_);
    return !header_.empty() && header_ == header;
  }

  // `header` was read whole and is good.
  void Set(absl::string_view header) {
    absl::MutexLock lock(&mutex_);
    header_ = std::string(header);
  }

 private:
  mutable absl::Mutex mutex_;
  std::string header_ ABSL_GUARDED_BY(mutex_);
};

// One for each format that has such a header: what is good in one says nothing
// of the other.
struct KnownHeaders {
  KnownHeader jws;
  KnownHeader cose;
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_KNOWN_HEADER_H_
