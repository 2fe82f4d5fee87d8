// The hashes of Merkle trees as RFC 6962 section 2.1 has them, where they stand
// one after the other in a string: for trees of millions of leaves. Pure;
// thread-safe.
#ifndef SERVICES_MERKLE_HASHES_H_
#define SERVICES_MERKLE_HASHES_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace masa::merkle {

inline constexpr size_t kHashOctets = 32;

// Hash `index` of `hashes`, which has one there.
inline absl::string_view HashAt(absl::string_view hashes, size_t index) {
  return hashes.substr(index * kHashOctets, kHashOctets);
}

// How many hashes there are in whole.
inline size_t CountOf(absl::string_view hashes) {
  return hashes.size() / kHashOctets;
}

// Appends the hash of a leaf that is `entry`.
void AppendLeafHash(absl::string_view entry, std::string& hashes);

// The root over `hashes`, of which there is a power of two and at least one.
std::string PerfectRootOf(absl::string_view hashes);

// The root of neighbouring subtrees, the largest first, as they stand from left
// to right: one hash for each. At least one.
std::string FoldRoots(absl::string_view roots);

}  // namespace masa::merkle

#endif  // SERVICES_MERKLE_HASHES_H_
