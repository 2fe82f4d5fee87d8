// Certificates taken apart and put together again, for tests that change them
// in between.
#ifndef SERVICES_VERIFICATION_TEST_CERTIFICATE_PARTS_H_
#define SERVICES_VERIFICATION_TEST_CERTIFICATE_PARTS_H_

#include <string>

#include "gtest/gtest.h"
#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "services/testing/test_pki.h"

namespace masa::verification {

// Of a certificate as it is written, each with its tag.
struct Parts {
  std::string tbs;
  std::string algorithm;
  std::string signature;  // the octets alone
  uint8_t unused_bits = 0;
};

inline std::string OctetsOf(const CBS& cbs) {
  return std::string(reinterpret_cast<const char*>(CBS_data(&cbs)),
                     CBS_len(&cbs));
}

inline Parts PartsOf(const std::string& der) {
  CBS all, certificate, tbs, algorithm, signature;
  CBS_init(&all, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  EXPECT_TRUE(
      CBS_get_asn1(&all, &certificate, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1_element(&certificate, &tbs, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1_element(&certificate, &algorithm, CBS_ASN1_SEQUENCE) &&
      CBS_get_asn1(&certificate, &signature, CBS_ASN1_BITSTRING) &&
      CBS_skip(&signature, 1));
  return {OctetsOf(tbs), OctetsOf(algorithm), OctetsOf(signature)};
}

inline std::string DerOf(const Parts& parts) {
  bssl::ScopedCBB cbb;
  CBB certificate, signature;
  const auto add = [](CBB* to, const std::string& octets) {
    EXPECT_EQ(CBB_add_bytes(to, reinterpret_cast<const uint8_t*>(octets.data()),
                            octets.size()),
              1);
  };
  CBB_init(cbb.get(), 0);
  CBB_add_asn1(cbb.get(), &certificate, CBS_ASN1_SEQUENCE);
  add(&certificate, parts.tbs);
  add(&certificate, parts.algorithm);
  CBB_add_asn1(&certificate, &signature, CBS_ASN1_BITSTRING);
  CBB_add_u8(&signature, parts.unused_bits);
  add(&signature, parts.signature);
  uint8_t* der = nullptr;
  size_t length = 0;
  EXPECT_EQ(CBB_finish(cbb.get(), &der, &length), 1);
  const std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

// Signed again by `issuer`, whatever the parts say.
inline Parts Resigned(Parts parts, const testing::Identity& issuer) {
  bssl::ScopedEVP_MD_CTX context;
  size_t length = EVP_PKEY_size(issuer.key.get());
  parts.signature.resize(length);
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                     issuer.key.get());
  EXPECT_EQ(EVP_DigestSign(context.get(),
                           reinterpret_cast<uint8_t*>(parts.signature.data()),
                           &length,
                           reinterpret_cast<const uint8_t*>(parts.tbs.data()),
                           parts.tbs.size()),
            1);
  parts.signature.resize(length);
  return parts;
}

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_TEST_CERTIFICATE_PARTS_H_
