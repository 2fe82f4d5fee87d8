// A reader of CBOR in the one form that our writers give it: shortest heads,
// known lengths (RFC 8949 section 4.2). Small, because it stands next to the
// key, and held against the library's reader by a fuzzer. Used inside this
// room only.
#ifndef SERVICES_WIRE_CBOR_CURSOR_H_
#define SERVICES_WIRE_CBOR_CURSOR_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace masa::wire {

// Looks into octets that outlive it. Each Take reads past what it names, or
// returns false.
class CborCursor {
 public:
  explicit CborCursor(absl::string_view octets) : rest_(octets) {}

  bool TakeUnsigned(uint64_t* value) { return TakeHead(0, value); }
  bool TakeOctets(absl::string_view* octets) { return TakeString(2, octets); }
  bool TakeText(absl::string_view* text) { return TakeString(3, text); }
  bool TakeArrayHead(uint64_t* items) { return TakeHead(4, items); }
  bool TakeMapHead(uint64_t* pairs) { return TakeHead(5, pairs); }
  bool TakeTrue();

  bool NextIsUnsigned() const { return NextIs(0); }
  absl::string_view rest() const { return rest_; }

 private:
  bool NextIs(uint8_t major) const {
    return !rest_.empty() && static_cast<uint8_t>(rest_.front()) >> 5 == major;
  }
  bool TakeHead(uint8_t major, uint64_t* value);
  bool TakeString(uint8_t major, absl::string_view* contents);

  absl::string_view rest_;
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CBOR_CURSOR_H_
