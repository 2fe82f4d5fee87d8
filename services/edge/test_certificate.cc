#include "services/edge/test_certificate.h"

#include "openssl/bio.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "openssl/x509v3.h"

namespace masa::edge {
namespace {

std::string TextOf(BIO* bio) {
  const uint8_t* data = nullptr;
  size_t length = 0;
  BIO_mem_contents(bio, &data, &length);
  return std::string(reinterpret_cast<const char*>(data), length);
}

bssl::UniquePtr<EVP_PKEY> NewKey() {
  bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  EC_KEY_generate_key(ec.get());
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
  return key;
}

}  // namespace

TestCertificate MakeSelfSigned(const std::string& name) {
  bssl::UniquePtr<EVP_PKEY> key = NewKey();
  bssl::UniquePtr<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
      reinterpret_cast<const uint8_t*>(name.data()), name.size(), -1, 0);
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(certificate.get()));
  X509_set_pubkey(certificate.get(), key.get());
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate.get(), certificate.get(), nullptr,
                 nullptr, 0);
  const bssl::UniquePtr<X509_EXTENSION> names(X509V3_EXT_nconf_nid(
      nullptr, &context, NID_subject_alt_name,
      ("DNS:" + name + ",DNS:localhost,IP:127.0.0.1").c_str()));
  X509_add_ext(certificate.get(), names.get(), -1);
  X509_sign(certificate.get(), key.get(), EVP_sha256());

  TestCertificate made;
  bssl::UniquePtr<BIO> pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate.get());
  made.certificate_pem = TextOf(pem.get());
  bssl::UniquePtr<BIO> key_pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0,
                                nullptr, nullptr);
  made.key_pem = TextOf(key_pem.get());
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate.get(), &der);
  made.certificate_der.assign(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return made;
}

}  // namespace masa::edge
