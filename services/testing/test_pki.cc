#include "services/testing/test_pki.h"

#include <cstdio>
#include <cstdlib>

#include "openssl/asn1.h"
#include "openssl/bio.h"
#include "openssl/bn.h"
#include "openssl/bytestring.h"
#include "openssl/ec.h"
#include "openssl/ec_key.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/rand.h"
#include "openssl/rsa.h"
#include "openssl/sha.h"
#include "openssl/x509v3.h"

namespace masa::testing {
namespace {

void Need(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "test PKI: %s\n", what);
    std::abort();
  }
}

std::shared_ptr<EVP_PKEY> MakeKey(KeyKind kind) {
  std::shared_ptr<EVP_PKEY> key(EVP_PKEY_new(), EVP_PKEY_free);
  if (kind == KeyKind::kEd25519) {
    uint8_t seed[32];
    RAND_bytes(seed, sizeof(seed));
    key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed,
                                           sizeof(seed)),
              EVP_PKEY_free);
    Need(key != nullptr, "an Ed25519 key");
    return key;
  }
  if (kind == KeyKind::kRsa2048 || kind == KeyKind::kRsa4096) {
    const int bits = kind == KeyKind::kRsa2048 ? 2048 : 4096;
    bssl::UniquePtr<RSA> rsa(RSA_new());
    bssl::UniquePtr<BIGNUM> exponent(BN_new());
    Need(BN_set_word(exponent.get(), RSA_F4) &&
             RSA_generate_key_ex(rsa.get(), bits, exponent.get(), nullptr) &&
             EVP_PKEY_set1_RSA(key.get(), rsa.get()),
         "an RSA key");
    return key;
  }
  bssl::UniquePtr<EC_KEY> ec(
      EC_KEY_new_by_curve_name(kind == KeyKind::kP256   ? NID_X9_62_prime256v1
                               : kind == KeyKind::kP384 ? NID_secp384r1
                                                        : NID_secp521r1));
  Need(EC_KEY_generate_key(ec.get()) &&
           EVP_PKEY_set1_EC_KEY(key.get(), ec.get()),
       "an EC key");
  return key;
}

void AddName(X509_NAME* name, int nid, const std::string& value) {
  if (!value.empty()) {
    Need(X509_NAME_add_entry_by_NID(
             name, nid, MBSTRING_UTF8,
             reinterpret_cast<const uint8_t*>(value.data()), value.size(), -1,
             0),
         "a name");
  }
}

void AddExtension(X509* certificate, X509* issuer, int nid, bool critical,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::string text = (critical ? "critical," : "") + value;
  bssl::UniquePtr<X509_EXTENSION> extension(X509V3_EXT_nconf_nid(
      nullptr, &context, nid, const_cast<char*>(text.c_str())));
  Need(extension != nullptr &&
           X509_add_ext(certificate, extension.get(), -1) == 1,
       value.c_str());
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) {
    all += (all.empty() ? "" : ",") + part;
  }
  return all;
}

// id-pe-masa-url 1.3.6.1.5.5.7.1.32, an IA5String.
void AddMasaUrl(X509* certificate, const std::string& url) {
  bssl::UniquePtr<ASN1_OBJECT> oid(OBJ_txt2obj("1.3.6.1.5.5.7.1.32", 1));
  bssl::ScopedCBB cbb;
  CBB contents;
  uint8_t* der = nullptr;
  size_t length = 0;
  Need(
      CBB_init(cbb.get(), 64) &&
          CBB_add_asn1(cbb.get(), &contents, CBS_ASN1_IA5STRING) &&
          CBB_add_bytes(&contents, reinterpret_cast<const uint8_t*>(url.data()),
                        url.size()) &&
          CBB_finish(cbb.get(), &der, &length),
      "a MASA URL");
  bssl::UniquePtr<ASN1_OCTET_STRING> value(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(value.get(), der, length);
  OPENSSL_free(der);
  bssl::UniquePtr<X509_EXTENSION> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 0, value.get()));
  Need(X509_add_ext(certificate, extension.get(), -1) == 1, "a MASA URL");
}

std::string KeyUsageOf(const CertificateSpec& spec) {
  if (!spec.is_ca) return "digitalSignature";
  return spec.signs_crls ? "keyCertSign,cRLSign,digitalSignature"
                         : "keyCertSign,digitalSignature";
}

void AddExtensions(X509* certificate, X509* issuer,
                   const CertificateSpec& spec) {
  AddExtension(certificate, issuer, NID_basic_constraints, true,
               spec.is_ca ? "CA:TRUE" : "CA:FALSE");
  AddExtension(certificate, issuer, NID_key_usage, true, KeyUsageOf(spec));
  if (spec.key_identifiers) {
    AddExtension(certificate, issuer, NID_subject_key_identifier, false,
                 "hash");
    if (issuer == certificate ||
        X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) >= 0) {
      AddExtension(certificate, issuer, NID_authority_key_identifier, false,
                   "keyid:always");
    }
  }
  if (!spec.extended_key_usages.empty()) {
    AddExtension(certificate, issuer, NID_ext_key_usage,
                 spec.extended_key_usage_critical,
                 Joined(spec.extended_key_usages));
  }
  if (!spec.subject_alternative_names.empty()) {
    AddExtension(certificate, issuer, NID_subject_alt_name, false,
                 Joined(spec.subject_alternative_names));
  }
  if (!spec.policy_oid.empty()) {
    AddExtension(certificate, issuer, NID_certificate_policies, false,
                 spec.policy_oid);
  }
  if (!spec.crl_url.empty()) {
    AddExtension(certificate, issuer, NID_crl_distribution_points, false,
                 "URI:" + spec.crl_url);
  }
  if (!spec.ocsp_url.empty()) {
    AddExtension(certificate, issuer, NID_info_access, false,
                 "OCSP;URI:" + spec.ocsp_url);
  }
  if (!spec.masa_url.empty()) {
    AddMasaUrl(certificate, spec.masa_url);
  }
}

void SetRandomSerial(X509* certificate) {
  uint8_t octets[16];
  RAND_bytes(octets, sizeof(octets));
  octets[0] &= 0x7f;
  bssl::UniquePtr<BIGNUM> number(BN_bin2bn(octets, sizeof(octets), nullptr));
  Need(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) !=
           nullptr,
       "a serial");
}

std::string TextOf(BIO* bio) {
  const uint8_t* octets = nullptr;
  size_t length = 0;
  Need(BIO_mem_contents(bio, &octets, &length) == 1, "a memory BIO");
  return std::string(reinterpret_cast<const char*>(octets), length);
}

}  // namespace

std::string Identity::CertificateDer() const {
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate.get(), &der);
  Need(length > 0, "a certificate's DER");
  std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

std::string Identity::CertificatePem() const {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  Need(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM");
  return TextOf(bio.get());
}

std::string Identity::KeyPem() const {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  Need(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                     nullptr, nullptr) == 1,
       "PKCS#8");
  return TextOf(bio.get());
}

Identity MakeIdentity(const CertificateSpec& spec, const Identity* issuer) {
  Identity identity;
  identity.key = MakeKey(spec.key);
  return Reissue(identity, spec, issuer);
}

Identity Reissue(const Identity& identity, const CertificateSpec& spec,
                 const Identity* issuer) {
  Identity made;
  made.key = identity.key;
  made.certificate = std::shared_ptr<X509>(X509_new(), X509_free);
  X509* certificate = made.certificate.get();
  X509* by = issuer == nullptr ? certificate : issuer->certificate.get();
  EVP_PKEY* with = issuer == nullptr ? made.key.get() : issuer->key.get();
  X509_set_version(certificate, X509_VERSION_3);
  SetRandomSerial(certificate);
  ASN1_TIME_set(X509_getm_notBefore(certificate),
                absl::ToTimeT(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(spec.not_after));
  X509_NAME* subject = X509_get_subject_name(certificate);
  AddName(subject, NID_organizationName, spec.organization);
  AddName(subject, NID_commonName, spec.common_name);
  AddName(subject, NID_serialNumber, spec.subject_serial_number);
  Need(X509_set_issuer_name(certificate, X509_get_subject_name(by)) == 1 &&
           X509_set_pubkey(certificate, made.key.get()) == 1,
       "a certificate");
  AddExtensions(certificate, by, spec);
  const EVP_MD* digest =
      EVP_PKEY_id(with) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  Need(X509_sign(certificate, with, digest) > 0, "a signature");
  return made;
}

Identity IdentityFromPem(const std::string& certificate_pem,
                         const std::string& key_pem) {
  Identity identity;
  bssl::UniquePtr<BIO> certificate_bio(
      BIO_new_mem_buf(certificate_pem.data(), certificate_pem.size()));
  bssl::UniquePtr<BIO> key_bio(BIO_new_mem_buf(key_pem.data(), key_pem.size()));
  identity.certificate = std::shared_ptr<X509>(
      PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr),
      X509_free);
  identity.key = std::shared_ptr<EVP_PKEY>(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr),
      EVP_PKEY_free);
  Need(identity.certificate != nullptr && identity.key != nullptr,
       "PEM that does not parse");
  return identity;
}

}  // namespace masa::testing
