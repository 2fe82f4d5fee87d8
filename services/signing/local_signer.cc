#include "services/signing/local_signer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/digest.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/sha.h"
#include "openssl/x509.h"
#include "services/signing/batch_digest.h"
#include "services/signing/batch_ecdsa.h"
#include "services/signing/lint.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/ecdsa_numbers.h"

namespace masa::signing {
namespace {

absl::Status Failed() {
  ERR_clear_error();
  return Refuse(Reason::kSignerUnavailable, "the signature failed");
}

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ReadKey(
    const LocalKeySource& source) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(source.private_key_pem.data(),
                                           source.private_key_pem.size()));
  // An empty passphrase keeps BoringSSL from asking at the terminal.
  bssl::UniquePtr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr,
                              const_cast<char*>(source.passphrase.c_str())));
  if (key == nullptr) {
    return KeyGuard::Wrong(source.key.name,
                           "the private key file does not open as PKCS#8 "
                           "PEM with the given passphrase");
  }
  return key;
}

}  // namespace

struct LocalSigner::Key {
  std::unique_ptr<const KeyGuard> guard;
  bssl::UniquePtr<EVP_PKEY> private_key;
  std::unique_ptr<BatchEcdsa> batch;  // none: one by one

  size_t DigestOctets() const {
    return guard->description().algorithm ==
                   SignatureAlgorithm::kEcdsaP384Sha384
               ? SHA384_DIGEST_LENGTH
               : SHA256_DIGEST_LENGTH;
  }

  std::vector<absl::StatusOr<std::string>> Sign(
      absl::Span<const ToBeSigned> items) const;

 private:
  // Signs the items at `good`, with a `batch`.
  void SignTogether(absl::Span<const ToBeSigned> items,
                    const std::vector<size_t>& good,
                    std::vector<absl::StatusOr<std::string>>* signatures) const;
  absl::StatusOr<std::string> SignOne(const std::string& message) const;
  absl::StatusOr<std::string> SignEcdsa(const std::string& message) const;
  absl::StatusOr<std::string> SignOther(const std::string& message) const;
};

LocalSigner::LocalSigner() = default;
LocalSigner::~LocalSigner() = default;

absl::StatusOr<std::unique_ptr<LocalSigner>> LocalSigner::New(
    const std::vector<LocalKeySource>& sources) {
  std::unique_ptr<LocalSigner> signer(new LocalSigner());
  for (const LocalKeySource& source : sources) {
    auto key = std::make_unique<Key>();
    MASA_ASSIGN_OR_RETURN(key->guard, KeyGuard::New(source.key));
    MASA_ASSIGN_OR_RETURN(key->private_key, ReadKey(source));
    if (EVP_PKEY_cmp(key->guard->public_key(), key->private_key.get()) != 1) {
      return KeyGuard::Wrong(
          source.key.name,
          "the first certificate of the chain is not this key's");
    }
    key->batch = BatchEcdsa::New(key->private_key.get());
    if (!signer->keys_.emplace(source.key.name, std::move(key)).second) {
      return KeyGuard::Wrong(source.key.name, "two keys have this name");
    }
  }
  return signer;
}

std::vector<absl::StatusOr<std::string>> LocalSigner::Key::Sign(
    absl::Span<const ToBeSigned> items) const {
  std::vector<absl::StatusOr<std::string>> signatures;
  const std::vector<size_t> good = guard->CheckAll(items, &signatures);
  if (batch != nullptr) {
    SignTogether(items, good, &signatures);
    return signatures;
  }
  for (const size_t i : good) {
    signatures[i] = SignOne(items[i].octets());
  }
  return signatures;
}

void LocalSigner::Key::SignTogether(
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
  const auto made = batch->Sign(digests);
  for (size_t i = 0; i < good.size(); ++i) {
    if (made.ok()) {
      (*signatures)[good[i]] = wire::EcdsaDerOfNumbers(absl::string_view(
          reinterpret_cast<const char*>((*made)[i].data()), (*made)[i].size()));
    } else {
      (*signatures)[good[i]] = made.status();
    }
  }
}

absl::StatusOr<std::string> LocalSigner::Key::SignOne(
    const std::string& message) const {
  return EVP_PKEY_id(private_key.get()) == EVP_PKEY_EC ? SignEcdsa(message)
                                                       : SignOther(message);
}

// No context is made for each signature.
absl::StatusOr<std::string> LocalSigner::Key::SignEcdsa(
    const std::string& message) const {
  uint8_t digest[SHA384_DIGEST_LENGTH];
  const auto* octets = reinterpret_cast<const uint8_t*>(message.data());
  if (DigestOctets() == SHA384_DIGEST_LENGTH) {
    SHA384(octets, message.size(), digest);
  } else {
    SHA256(octets, message.size(), digest);
  }
  EC_KEY* key = EVP_PKEY_get0_EC_KEY(private_key.get());
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

absl::StatusOr<std::string> LocalSigner::Key::SignOther(
    const std::string& message) const {
  const EVP_MD* digest =
      guard->description().algorithm == SignatureAlgorithm::kEd25519
          ? nullptr
          : EVP_sha256();
  bssl::ScopedEVP_MD_CTX context;
  std::string signature(EVP_PKEY_size(private_key.get()), '\0');
  size_t length = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr,
                         private_key.get()) != 1 ||
      EVP_DigestSign(context.get(),
                     reinterpret_cast<uint8_t*>(signature.data()), &length,
                     reinterpret_cast<const uint8_t*>(message.data()),
                     message.size()) != 1) {
    return Failed();
  }
  signature.resize(length);
  return signature;
}

std::vector<absl::StatusOr<std::string>> LocalSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    return std::vector<absl::StatusOr<std::string>>(items.size(),
                                                    KeyGuard::Unknown(key));
  }
  return found->second->Sign(items);
}

absl::StatusOr<KeyDescription> LocalSigner::Describe(
    const RequestContext& context, const std::string& key) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    return KeyGuard::Unknown(key);
  }
  return found->second->guard->description();
}

}  // namespace masa::signing
