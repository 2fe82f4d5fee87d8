#include "services/masactl/version.h"

#include <cstdint>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "openssl/sha.h"

namespace masa::masactl {

std::string VersionText(bool json) {
  std::ostringstream program;
  program << std::ifstream("/proc/self/exe", std::ios::binary).rdbuf();
  const std::string octets = program.str();
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  const std::string named =
      octets.empty() ? "unknown" : "sha256:" + absl::BytesToHexString(digest);
  return json ? absl::StrCat("{\"program\":\"", named, "\",\"grpc\":\"",
                             grpc::Version(), "\"}")
              : absl::StrCat("program   ", named, "\ngrpc      ",
                             grpc::Version());
}

}  // namespace masa::masactl
