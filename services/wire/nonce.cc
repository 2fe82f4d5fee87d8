#include "services/wire/nonce.h"

#include <optional>
#include <string>
#include <utility>

#include "services/wire/base64.h"
#include "services/wire/voucher_request.h"

namespace masa::wire {

std::string NonceOctets(absl::string_view nonce) {
  std::optional<std::string> octets = DecodeBase64Leniently(nonce);
  return octets ? *std::move(octets) : std::string(nonce);
}

bool IsNonce(absl::string_view nonce) {
  const size_t octets = NonceOctets(nonce).size();
  return octets >= 8 && octets <= 32 &&
         nonce.find('\0') == absl::string_view::npos;
}

}  // namespace masa::wire
