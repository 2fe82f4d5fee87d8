// Headers of POSIX.1-1988 (ustar) archives, which every tar reads. Pure.
#ifndef SERVICES_WIRE_TAR_HEADER_H_
#define SERVICES_WIRE_TAR_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::wire {

inline constexpr int64_t kTarBlock = 512;
inline constexpr int64_t kTarEnd = 2 * kTarBlock;  // zeros behind the last file
inline constexpr int64_t kTarLongestName = 100;
// Octets of a file: what 11 octal digits hold.
inline constexpr int64_t kTarLargestFile = 8ll * 1024 * 1024 * 1024 - 1;

// The 512 octets before a file that only its user may read. `name` has at most
// kTarLongestName octets, the file at most kTarLargestFile.
std::string TarHeader(absl::string_view name, int64_t octets,
                      absl::Time modified);

// How many zeros follow a file of this size.
int64_t TarPadding(int64_t octets);

// What a file takes in an archive, its header and padding included.
int64_t TarSpan(int64_t octets);

struct TarEntry {
  std::string name;
  int64_t octets = 0;
};

// None for octets that are no header of a plain file, or have another sum.
std::optional<TarEntry> ParseTarHeader(absl::string_view header);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_TAR_HEADER_H_
