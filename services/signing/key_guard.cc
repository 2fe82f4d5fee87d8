#include "services/signing/key_guard.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "services/signing/lint.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

absl::StatusOr<SignatureAlgorithm> AlgorithmOf(const std::string& name,
                                               EVP_PKEY* key) {
  if (EVP_PKEY_id(key) == EVP_PKEY_EC) {
    switch (
        EC_GROUP_get_curve_name(EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key)))) {
      case NID_X9_62_prime256v1:
        return SignatureAlgorithm::kEcdsaP256Sha256;
      case NID_secp384r1:
        return SignatureAlgorithm::kEcdsaP384Sha384;
    }
  }
  constexpr int kLeastRsaBits = 2048, kMostRsaBits = 4096;
  if (EVP_PKEY_id(key) == EVP_PKEY_RSA && EVP_PKEY_bits(key) >= kLeastRsaBits &&
      EVP_PKEY_bits(key) <= kMostRsaBits) {
    return SignatureAlgorithm::kRsaPkcs1Sha256;
  }
  if (EVP_PKEY_id(key) == EVP_PKEY_ED25519) {
    return SignatureAlgorithm::kEd25519;
  }
  return KeyGuard::Wrong(
      name,
      "only P-256, P-384, Ed25519, and RSA keys of 2048 to 4096 bits "
      "are supported");
}

std::vector<bssl::UniquePtr<X509>> ReadChain(const std::string& pem) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  std::vector<bssl::UniquePtr<X509>> chain;
  while (X509* certificate =
             PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(certificate);
  }
  ERR_clear_error();  // the end of the file is an error to the PEM reader
  return chain;
}

std::string DerOf(X509* certificate) {
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  std::string octets(reinterpret_cast<char*>(der), std::max(length, 0));
  OPENSSL_free(der);
  return octets;
}

}  // namespace

absl::Status KeyGuard::Wrong(const std::string& name, absl::string_view what) {
  ERR_clear_error();
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("signing key ", name, ": ", what));
}

absl::Status KeyGuard::Unknown(const std::string& name) {
  return Refuse(Reason::kKeyUnknown,
                absl::StrCat("there is no signing key ", name));
}

absl::StatusOr<std::unique_ptr<const KeyGuard>> KeyGuard::New(
    const KeySource& source) {
  const auto chain = ReadChain(source.chain_pem);
  if (chain.empty()) {
    return Wrong(source.name, "the chain file holds no certificate");
  }
  std::unique_ptr<KeyGuard> guard(new KeyGuard(source.endless));
  guard->public_key_.reset(X509_get_pubkey(chain.front().get()));
  if (guard->public_key_ == nullptr) {
    return Wrong(source.name, "its certificate has no key that can be read");
  }
  MASA_ASSIGN_OR_RETURN(guard->description_.algorithm,
                        AlgorithmOf(source.name, guard->public_key_.get()));
  guard->description_.name = source.name;
  guard->description_.kinds = source.kinds;
  for (const auto& certificate : chain) {
    guard->description_.chain_der.push_back(DerOf(certificate.get()));
  }
  return guard;
}

KeyGuard::~KeyGuard() = default;

absl::Status KeyGuard::Check(const ToBeSigned& item) const {
  if (std::count(description_.kinds.begin(), description_.kinds.end(),
                 item.kind()) == 0) {
    return Refuse(Reason::kKeyNotForThis,
                  absl::StrCat("signing key ", description_.name,
                               " is not for this kind of artifact"));
  }
  if (item.kind() == Kind::kOwnershipRoot) {
    return LintOwnershipRoot(item);
  }
  if (item.kind() == Kind::kCheckpoint) {
    return LintCheckpoint(item);
  }
  return LintVoucher(item, description_.algorithm, endless_, &known_parts_);
}

std::vector<size_t> KeyGuard::CheckAll(
    absl::Span<const ToBeSigned> items,
    std::vector<absl::StatusOr<std::string>>* signatures) const {
  signatures->reserve(items.size());
  std::vector<size_t> good;
  for (const ToBeSigned& item : items) {
    const absl::Status checked = Check(item);
    if (checked.ok()) {
      good.push_back(signatures->size());
      signatures->emplace_back(std::string());
    } else {
      signatures->emplace_back(checked);
    }
  }
  return good;
}

}  // namespace masa::signing
