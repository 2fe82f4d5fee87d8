#include "services/masad/program_digest.h"

#include <fstream>
#include <vector>

#include "openssl/sha.h"

namespace masa::masad {
namespace {

std::string DigestOf(const char* path) {
  constexpr size_t kPiece = 1 << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return "";
  }
  SHA256_CTX digest;
  SHA256_Init(&digest);
  std::vector<char> piece(kPiece);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
         file.gcount() > 0) {
    SHA256_Update(&digest, piece.data(), static_cast<size_t>(file.gcount()));
  }
  uint8_t octets[SHA256_DIGEST_LENGTH];
  SHA256_Final(octets, &digest);
  return std::string(reinterpret_cast<const char*>(octets), sizeof(octets));
}

}  // namespace

const std::string& ProgramDigest() {
  static const auto& digest = *new std::string(DigestOf("/proc/self/exe"));
  return digest;
}

}  // namespace masa::masad
