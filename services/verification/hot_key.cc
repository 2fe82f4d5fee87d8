#include "services/verification/hot_key.h"

#include <utility>

#include "openssl/bytestring.h"
#include "openssl/ecdsa.h"
#include "openssl/evp.h"
#include "services/verification/error_queue.h"

namespace masa::verification {
namespace {

const uint8_t* Octets(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

std::unique_ptr<const HotKey> HotKey::New(absl::string_view spki_der) {
  const ErrorQueueDrain drain;
  CBS spki;
  CBS_init(&spki, Octets(spki_der), spki_der.size());
  const bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&spki));
  if (key == nullptr || CBS_len(&spki) != 0 ||
      EVP_PKEY_id(key.get()) != EVP_PKEY_EC) {
    return nullptr;
  }
  std::unique_ptr<const P256Table> table =
      P256Table::New(EVP_PKEY_get0_EC_KEY(key.get()));
  return table == nullptr
             ? nullptr
             : std::unique_ptr<const HotKey>(new HotKey(std::move(table)));
}

HotKey::HotKey(std::unique_ptr<const P256Table> table)
    : table_(std::move(table)) {}

bool HotKey::Verifies(absl::string_view message,
                      absl::string_view signature) const {
  const ErrorQueueDrain drain;
  const bssl::UniquePtr<ECDSA_SIG> numbers(
      ECDSA_SIG_from_bytes(Octets(signature), signature.size()));
  if (numbers == nullptr) {
    return false;
  }
  P256Table::Digest digest;
  SHA256(Octets(message), message.size(), digest.data());
  return table_->Verifies(digest, numbers.get());
}

}  // namespace masa::verification
