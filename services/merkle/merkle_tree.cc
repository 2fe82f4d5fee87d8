#include "services/merkle/merkle_tree.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/sha.h"

namespace masa::merkle {
namespace {

constexpr absl::string_view kLeaf("\0", 1);
constexpr absl::string_view kNode("\1", 1);

std::string Sha256(absl::string_view octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// The greatest power of two below `size`, which is over 1.
size_t SplitOf(size_t size) {
  size_t split = 1;
  while (split * 2 < size) {
    split *= 2;
  }
  return split;
}

}  // namespace

std::string LeafHash(absl::string_view leaf) {
  return Sha256(absl::StrCat(kLeaf, leaf));
}

std::string NodeHash(absl::string_view left, absl::string_view right) {
  return Sha256(absl::StrCat(kNode, left, right));
}

std::string RootOf(absl::Span<const std::string> leaves) {
  if (leaves.empty()) {
    return Sha256("");
  }
  if (leaves.size() == 1) {
    return leaves.front();
  }
  const size_t split = SplitOf(leaves.size());
  return NodeHash(RootOf(leaves.subspan(0, split)),
                  RootOf(leaves.subspan(split)));
}

std::vector<std::string> InclusionProof(absl::Span<const std::string> leaves,
                                        size_t index) {
  std::vector<std::string> proof;
  while (leaves.size() > 1) {
    const size_t split = SplitOf(leaves.size());
    if (index < split) {
      proof.push_back(RootOf(leaves.subspan(split)));
      leaves = leaves.subspan(0, split);
    } else {
      proof.push_back(RootOf(leaves.subspan(0, split)));
      leaves = leaves.subspan(split);
      index -= split;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

bool VerifyInclusion(absl::string_view leaf_hash, uint64_t index, uint64_t size,
                     absl::Span<const std::string> proof,
                     absl::string_view root) {
  if (index >= size) {
    return false;
  }
  uint64_t at = index;
  uint64_t last = size - 1;
  std::string hash(leaf_hash);
  for (const std::string& other : proof) {
    if (last == 0) {
      return false;  // longer than the tree is high
    }
    if (at % 2 == 1 || at == last) {
      hash = NodeHash(other, hash);
      // Up to where the way turns left: there is nothing to the right.
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = NodeHash(hash, other);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 && hash == root;
}

}  // namespace masa::merkle
