#include "services/identity/basic.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "openssl/digest.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "services/status/reason.h"

namespace masa::identity {
namespace {

constexpr size_t kHashOctets = 32;
constexpr size_t kSaltOctets = 16;
constexpr uint32_t kIterations = 10'000;
constexpr uint32_t kMostIterations = 1'000'000;

std::string Hash(absl::string_view password, const std::string& salt,
                 uint32_t iterations) {
  std::string hash(kHashOctets, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), password.size(),
                    reinterpret_cast<const uint8_t*>(salt.data()), salt.size(),
                    iterations, EVP_sha256(), hash.size(),
                    reinterpret_cast<uint8_t*>(hash.data()));
  return hash;
}

bool Same(const std::string& a, const std::string& b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Of the users of this name, the first few: each costs milliseconds.
std::vector<masa::v1::BasicCredential> CredentialsOf(
    const std::string& user,
    absl::Span<const masa::v1::Organization* const> customers) {
  constexpr size_t kMostTried = 8;
  std::vector<masa::v1::BasicCredential> found;
  for (const masa::v1::Organization* customer : customers) {
    for (const auto& one : customer->basic_credentials()) {
      if (found.size() < kMostTried && Same(one.user(), user)) {
        found.push_back(one);
      }
    }
  }
  return found;
}

}  // namespace

bool BasicMatches(const std::string& authorization,
                  absl::Span<const masa::v1::Organization* const> customers) {
  absl::string_view value = absl::StripAsciiWhitespace(authorization);
  std::string pair;
  if (!absl::StartsWithIgnoreCase(value, "basic ") ||
      !absl::Base64Unescape(absl::StripAsciiWhitespace(value.substr(6)),
                            &pair)) {
    return false;
  }
  const size_t colon = pair.find(':');
  if (colon == std::string::npos) {
    return false;
  }
  const absl::string_view password = absl::string_view(pair).substr(colon + 1);
  auto credentials = CredentialsOf(pair.substr(0, colon), customers);
  if (credentials.empty()) {
    // Nobody's: so that an unknown user costs as much.
    masa::v1::BasicCredential& nobody = credentials.emplace_back();
    nobody.set_salt(std::string(kSaltOctets, '\0'));
    nobody.set_iterations(kIterations);
  }
  return std::any_of(credentials.begin(), credentials.end(),
                     [password](const auto& one) {
                       return Same(Hash(password, one.salt(), one.iterations()),
                                   one.password_hash());
                     });
}

masa::v1::BasicCredential MakeBasicCredential(const std::string& user,
                                              const std::string& password,
                                              const std::string& salt) {
  masa::v1::BasicCredential credential;
  credential.set_user(user);
  credential.set_salt(salt);
  credential.set_iterations(kIterations);
  credential.set_password_hash(Hash(password, salt, kIterations));
  return credential;
}

absl::Status CheckBasicCredential(const masa::v1::BasicCredential& credential) {
  return !credential.user().empty() &&
                 credential.user().find(':') == std::string::npos &&
                 credential.salt().size() >= kSaltOctets &&
                 credential.password_hash().size() == kHashOctets &&
                 credential.iterations() >= kIterations &&
                 credential.iterations() <= kMostIterations
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "a basic credential has a user without colon, a salt of "
                      "16 octets, a hash of 32, and 10,000 to 1,000,000 "
                      "iterations");
}

}  // namespace masa::identity
