// Private keys in memory: made, read and written as PKCS#8 PEM. No function
// here says anything of a key in its errors.
#ifndef SERVICES_SIGNING_PRIVATE_KEY_H_
#define SERVICES_SIGNING_PRIVATE_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "openssl/base.h"
#include "services/verifier/verifier.h"

namespace masa::signing {

// kInvalidArgument for other algorithms than P-256, P-384, RSA (3072 bits) and
// Ed25519.
absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> MakePrivateKey(
    SignatureAlgorithm algorithm);

// Null when it does not open with the passphrase, which is empty for a key that
// is not encrypted.
bssl::UniquePtr<EVP_PKEY> ReadPrivateKeyPem(const std::string& pem,
                                            const std::string& passphrase);

// True for PEM of an encrypted PKCS#8 key, whatever is in it.
bool IsEncryptedPem(const std::string& pem);

// Encrypted (PBES2, AES-256) with the passphrase; not encrypted when that is
// empty. Empty when BoringSSL fails.
std::string PrivateKeyPem(EVP_PKEY* key, const std::string& passphrase);

// PKCS#8 DER, not encrypted: for who keeps no copy. Empty when BoringSSL fails.
std::string PrivateKeyDer(const EVP_PKEY* key);

// The SubjectPublicKeyInfo; empty when BoringSSL fails.
std::string SpkiDerOf(const EVP_PKEY* key);

// None for a key that cannot sign here.
absl::StatusOr<SignatureAlgorithm> AlgorithmOf(const EVP_PKEY* key);

// DER ECDSA, or what the algorithm makes. kSignerUnavailable when BoringSSL
// fails.
absl::StatusOr<std::string> SignWith(EVP_PKEY* key, absl::string_view message);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PRIVATE_KEY_H_
