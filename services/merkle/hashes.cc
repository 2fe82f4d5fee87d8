#include "services/merkle/hashes.h"

#include "openssl/sha.h"

namespace masa::merkle {
namespace {

const uint8_t* OctetsOf(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// The node above two neighbours; `out` may be where they stand.
void HashNode(const uint8_t* left, const uint8_t* right, uint8_t* out) {
  constexpr uint8_t kNode = 1;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, &kNode, 1);
  SHA256_Update(&context, left, kHashOctets);
  SHA256_Update(&context, right, kHashOctets);
  SHA256_Final(out, &context);
}

}  // namespace

void AppendLeafHash(absl::string_view entry, std::string& hashes) {
  constexpr uint8_t kLeaf = 0;
  uint8_t digest[kHashOctets];
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, &kLeaf, 1);
  SHA256_Update(&context, entry.data(), entry.size());
  SHA256_Final(digest, &context);
  hashes.append(reinterpret_cast<const char*>(digest), kHashOctets);
}

std::string PerfectRootOf(absl::string_view hashes) {
  std::string level(hashes);
  auto* at = reinterpret_cast<uint8_t*>(level.data());
  for (size_t count = CountOf(hashes); count > 1; count /= 2) {
    for (size_t i = 0; i + 1 < count; i += 2) {
      HashNode(at + i * kHashOctets, at + (i + 1) * kHashOctets,
               at + i / 2 * kHashOctets);
    }
  }
  level.resize(kHashOctets);
  return level;
}

std::string FoldRoots(absl::string_view roots) {
  size_t left = CountOf(roots) - 1;
  std::string root(HashAt(roots, left));
  while (left-- > 0) {
    HashNode(OctetsOf(HashAt(roots, left)), OctetsOf(root),
             reinterpret_cast<uint8_t*>(root.data()));
  }
  return root;
}

}  // namespace masa::merkle
