// Verifies an artifact's signature with BoringSSL alone, for tests of parsers
// and encoders.
#ifndef SERVICES_WIRE_TEST_SIGNATURE_H_
#define SERVICES_WIRE_TEST_SIGNATURE_H_

#include <string>

#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/evp.h"
#include "services/wire/signed_artifact.h"

namespace masa::wire {

// Whether the key made `signer`'s signature, hashing with `digest`; none for
// Ed25519.
inline bool VerifiesWith(const SignerInfo& signer, const Certificate& by,
                         const EVP_MD* digest = EVP_sha256()) {
  const std::string& der = by->spki_der;
  CBS spki;
  CBS_init(&spki, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  const bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&spki));
  bssl::ScopedEVP_MD_CTX context;
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr,
                              key.get()) == 1 &&
         EVP_DigestVerify(
             context.get(),
             reinterpret_cast<const uint8_t*>(signer.signature.data()),
             signer.signature.size(),
             reinterpret_cast<const uint8_t*>(signer.signed_octets.data()),
             signer.signed_octets.size()) == 1;
}

}  // namespace masa::wire

#endif  // SERVICES_WIRE_TEST_SIGNATURE_H_
