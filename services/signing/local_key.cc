#include "services/signing/local_key.h"

#include <utility>

#include "openssl/bytestring.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/sha.h"
#include "services/signing/batch_digest.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/ecdsa_numbers.h"

namespace masa::signing {
namespace {

absl::Status Failed() {
  ERR_clear_error();
  return Refuse(Reason::kSignerUnavailable, "the signature failed");
}

// The public half.
bssl::UniquePtr<EVP_PKEY> PublicOf(const EVP_PKEY* key) {
  const std::string spki = SpkiDerOf(key);
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(spki.data()), spki.size());
  return bssl::UniquePtr<EVP_PKEY>(EVP_parse_public_key(&cbs));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LocalKey>> LocalKey::New(
    const KeySource& source, const std::string& private_key_pem,
    const std::string& passphrase) {
  std::shared_ptr<LocalKey> key(new LocalKey());
  if (!source.chain_pem.empty()) {
    MASA_ASSIGN_OR_RETURN(key->guard_, KeyGuard::New(source));
  }
  key->private_key_ = ReadPrivateKeyPem(private_key_pem, passphrase);
  if (key->private_key_ == nullptr) {
    return KeyGuard::Wrong(source.name,
                           "the private key file does not open as PKCS#8 "
                           "PEM with the given passphrase");
  }
  if (key->guard_ == nullptr) {
    MASA_ASSIGN_OR_RETURN(
        key->guard_,
        KeyGuard::ForKey(source, PublicOf(key->private_key_.get())));
  }
  if (EVP_PKEY_cmp(key->guard_->public_key(), key->private_key_.get()) != 1) {
    return KeyGuard::Wrong(
        source.name, "the first certificate of the chain is not this key's");
  }
  key->batch_ = BatchEcdsa::New(key->private_key_.get());
  return std::shared_ptr<const LocalKey>(std::move(key));
}

size_t LocalKey::DigestOctets() const {
  return description().algorithm == SignatureAlgorithm::kEcdsaP384Sha384
             ? SHA384_DIGEST_LENGTH
             : SHA256_DIGEST_LENGTH;
}

std::vector<absl::StatusOr<std::string>> LocalKey::Sign(
    absl::Span<const ToBeSigned> items) const {
  std::vector<absl::StatusOr<std::string>> signatures;
  const std::vector<size_t> good = guard_->CheckAll(items, &signatures);
  if (batch_ != nullptr) {
    SignTogether(items, good, &signatures);
    return signatures;
  }
  for (const size_t i : good) {
    signatures[i] = SignOne(items[i].octets());
  }
  return signatures;
}

void LocalKey::SignTogether(
    absl::Span<const ToBeSigned> items, const std::vector<size_t>& good,
    std::vector<absl::StatusOr<std::string>>* signatures) const {
  if (good.empty()) {
    return;
  }
  const BatchDigest digest(items[good.front()].octets(),
                           items[good.back()].octets());
  std::vector<Sha256Digest> digests;
  digests.reserve(good.size());
  for (const size_t i : good) {
    digests.push_back(digest.Of(items[i].octets()));
  }
  const auto made = batch_->Sign(digests);
  for (size_t i = 0; i < good.size(); ++i) {
    if (made.ok()) {
      (*signatures)[good[i]] = wire::EcdsaDerOfNumbers(absl::string_view(
          reinterpret_cast<const char*>((*made)[i].data()), (*made)[i].size()));
    } else {
      (*signatures)[good[i]] = made.status();
    }
  }
}

absl::StatusOr<std::string> LocalKey::SignOne(
    const std::string& message) const {
  return EVP_PKEY_id(private_key_.get()) == EVP_PKEY_EC
             ? SignEcdsa(message)
             : SignWith(private_key_.get(), message);
}

// No context is made for each signature.
absl::StatusOr<std::string> LocalKey::SignEcdsa(
    const std::string& message) const {
  uint8_t digest[SHA384_DIGEST_LENGTH];
  const auto* octets = reinterpret_cast<const uint8_t*>(message.data());
  if (DigestOctets() == SHA384_DIGEST_LENGTH) {
    SHA384(octets, message.size(), digest);
  } else {
    SHA256(octets, message.size(), digest);
  }
  EC_KEY* key = EVP_PKEY_get0_EC_KEY(private_key_.get());
  std::string signature(ECDSA_size(key), '\0');
  unsigned length = 0;
  if (ECDSA_sign(0, digest, DigestOctets(),
                 reinterpret_cast<uint8_t*>(signature.data()), &length,
                 key) != 1) {
    return Failed();
  }
  signature.resize(length);
  return signature;
}

}  // namespace masa::signing
