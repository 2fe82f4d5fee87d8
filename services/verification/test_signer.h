// P-256 signers for the tests of this room.
#ifndef SERVICES_VERIFICATION_TEST_SIGNER_H_
#define SERVICES_VERIFICATION_TEST_SIGNER_H_

#include <string>

#include "openssl/digest.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/x509.h"

namespace masa::verification {

struct TestSigner {
  explicit TestSigner(int curve = NID_X9_62_prime256v1) {
    const bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(curve));
    EC_KEY_generate_key(ec.get());
    EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
  }

  explicit TestSigner(EVP_PKEY* of) : key(bssl::UpRef(of)) {}

  std::string SpkiDer() const {
    uint8_t* der = nullptr;
    const int length = i2d_PUBKEY(key.get(), &der);
    const std::string spki(reinterpret_cast<char*>(der), length);
    OPENSSL_free(der);
    return spki;
  }

  std::string Sign(const std::string& message,
                   const EVP_MD* digest = EVP_sha256()) const {
    bssl::ScopedEVP_MD_CTX context;
    size_t length = EVP_PKEY_size(key.get());
    std::string signature(length, '\0');
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get());
    EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(signature.data()),
                   &length, reinterpret_cast<const uint8_t*>(message.data()),
                   message.size());
    signature.resize(length);
    return signature;
  }

  const bssl::UniquePtr<EVP_PKEY> key{EVP_PKEY_new()};
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_TEST_SIGNER_H_
