// A PKI for tests and demonstrations: keys and certificates made on the spot.
// Nothing here may be linked into a service.
#ifndef SERVICES_TESTING_TEST_PKI_H_
#define SERVICES_TESTING_TEST_PKI_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "openssl/base.h"
#include "openssl/evp.h"
#include "openssl/x509.h"

namespace masa::testing {

enum class KeyKind { kP256 = 1, kP384, kRsa2048, kRsa4096, kEd25519, kP521 };

struct CertificateSpec {
  std::string common_name;
  std::string subject_serial_number;  // X520SerialNumber; empty: none
  absl::Time not_before;
  absl::Time not_after;
  bool is_ca = false;
  bool signs_crls = true;                        // of a CA: the cRLSign bit
  std::vector<std::string> extended_key_usages;  // dotted OIDs
  bool extended_key_usage_critical = false;
  // As OpenSSL writes them: DNS:a, IP:127.0.0.1, URI:urn:x.
  std::vector<std::string> subject_alternative_names;
  std::string masa_url;         // RFC 8995 section 2.3.2; empty: none
  bool key_identifiers = true;  // SKI and AKI
  KeyKind key = KeyKind::kP256;
  std::string organization;  // O of the subject; empty: none
  std::string policy_oid;    // a certificate policy; empty: none
  std::string crl_url;       // where its revocation is published; empty: none
  std::string ocsp_url;      // and answered
};

inline constexpr char kCmcRa[] = "1.3.6.1.5.5.7.3.28";
inline constexpr char kClientAuth[] = "1.3.6.1.5.5.7.3.2";
inline constexpr char kServerAuth[] = "1.3.6.1.5.5.7.3.1";

// A certificate with its key. Copies share both.
struct Identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string CertificateDer() const;
  std::string CertificatePem() const;
  std::string KeyPem() const;  // PKCS#8, unencrypted
};

// A new key and a certificate for it, signed by `issuer`, or by itself.
// Aborts when the specification makes no sense: a test's own mistake.
Identity MakeIdentity(const CertificateSpec& spec,
                      const Identity* issuer = nullptr);

// Another certificate for `identity`'s key.
Identity Reissue(const Identity& identity, const CertificateSpec& spec,
                 const Identity* issuer = nullptr);

// The identity whose PEM texts these are; aborts when they do not parse.
Identity IdentityFromPem(const std::string& certificate_pem,
                         const std::string& key_pem);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_TEST_PKI_H_
