#include "services/wire/cbor_cursor.h"

namespace masa::wire {

bool CborCursor::TakeTrue() {
  constexpr char kTrue = '\xf5';
  if (rest_.empty() || rest_.front() != kTrue) {
    return false;
  }
  rest_.remove_prefix(1);
  return true;
}

bool CborCursor::TakeHead(uint8_t major, uint64_t* value) {
  constexpr uint8_t kShort = 24, kLongest = 27;
  if (!NextIs(major)) {
    return false;
  }
  const uint8_t first = static_cast<uint8_t>(rest_.front()) & 31;
  const size_t octets = first < kShort ? 0 : 1u << (first - kShort);
  if (first > kLongest || rest_.size() <= octets) {
    return false;
  }
  uint64_t number = first;
  if (octets != 0) {
    number = 0;
    for (size_t i = 1; i <= octets; ++i) {
      number = number << 8 | static_cast<uint8_t>(rest_[i]);
    }
    // Half as many octets, or none, would not have done.
    if (octets == 1 ? number < kShort : number >> (4 * octets) == 0) {
      return false;
    }
  }
  rest_.remove_prefix(1 + octets);
  *value = number;
  return true;
}

bool CborCursor::TakeString(uint8_t major, absl::string_view* contents) {
  uint64_t length = 0;
  if (!TakeHead(major, &length) || length > rest_.size()) {
    return false;
  }
  *contents = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return true;
}

}  // namespace masa::wire
