// What a checkpoint of a log says (C2SP tlog-checkpoint): the log of this name
// has so many leaves and this root. The text is what its key signs. Pure;
// thread-safe.
#ifndef SERVICES_WIRE_CHECKPOINT_H_
#define SERVICES_WIRE_CHECKPOINT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

struct Checkpoint {
  std::string origin;  // 1 to 255 printable ASCII characters but space and '+'
  uint64_t size = 0;   // leaves
  std::string root;    // 32 octets

  bool operator==(const Checkpoint&) const = default;
};

// True for what may stand as an origin.
bool IsOrigin(absl::string_view text);

// Three lines: origin, size in decimal digits, root in base64.
std::string EncodeCheckpoint(const Checkpoint& checkpoint);

// kMalformed for anything that EncodeCheckpoint does not write.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CHECKPOINT_H_
