// Parts that are the same in a key's vouchers for a while: read whole once,
// then known by their octets.
#ifndef SERVICES_WIRE_KNOWN_PARTS_H_
#define SERVICES_WIRE_KNOWN_PARTS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace masa::wire {

// Octets that were read whole and are good. Thread-safe.
class KnownOctets {
 public:
  bool Is(absl::string_view octets) const {
    absl::ReaderMutexLock lock(&mutex_);
    return !octets_.empty() && octets_ == octets;
  }

  void Set(absl::string_view octets) {
    absl::MutexLock lock(&mutex_);
    octets_ = std::string(octets);
  }

 private:
  mutable absl::Mutex mutex_;
  std::string octets_ ABSL_GUARDED_BY(mutex_);
};

// Base64 that was decoded, and its octets. Thread-safe.
class KnownBase64 {
 public:
  // Copies the octets when `text` is what was decoded.
  bool Decode(absl::string_view text, std::string* octets) const {
    absl::ReaderMutexLock lock(&mutex_);
    const bool known = !text_.empty() && text_ == text;
    if (known) {
      *octets = octets_;
    }
    return known;
  }

  void Set(absl::string_view text, const std::string& octets) {
    absl::MutexLock lock(&mutex_);
    text_ = std::string(text);
    octets_ = octets;
  }

 private:
  mutable absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::string octets_ ABSL_GUARDED_BY(mutex_);
};

// Belongs to one key, and so to one algorithm. One for each format: what is
// good in one says nothing of another.
struct KnownParts {
  KnownOctets cms_attributes;  // all but the digest, which ends them
  KnownOctets jws_header;
  KnownOctets cose_header;
  KnownBase64 pin;
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_KNOWN_PARTS_H_
