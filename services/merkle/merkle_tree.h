// Merkle trees as RFC 9162 section 2.1 has them, over SHA-256: leaves and nodes
// are hashed differently, so that neither passes for the other. For lists that
// are held whole. Pure; thread-safe.
#ifndef SERVICES_MERKLE_MERKLE_TREE_H_
#define SERVICES_MERKLE_MERKLE_TREE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace masa::merkle {

// All hashes are 32 octets.
std::string LeafHash(absl::string_view leaf);
std::string NodeHash(absl::string_view left, absl::string_view right);

// The root over leaf hashes; that of no leaf is the hash of nothing.
std::string RootOf(absl::Span<const std::string> leaves);

// The hashes that lead from leaf `index`, which is less than their number, to
// the root; the nearest first.
std::vector<std::string> InclusionProof(absl::Span<const std::string> leaves,
                                        size_t index);

// Whether `proof` leads from the leaf at `index` of `size` to `root` (RFC 9162
// section 2.1.3.2). False for whatever makes no sense.
bool VerifyInclusion(absl::string_view leaf_hash, uint64_t index, uint64_t size,
                     absl::Span<const std::string> proof,
                     absl::string_view root);

}  // namespace masa::merkle

#endif  // SERVICES_MERKLE_MERKLE_TREE_H_
