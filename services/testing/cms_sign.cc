#include "services/testing/cms_sign.h"

#include <cstdlib>

#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/mem.h"
#include "openssl/sha.h"
#include "openssl/x509v3.h"

namespace masa::testing {
namespace {

constexpr char kSignedData[] = "1.2.840.113549.1.7.2";
constexpr char kIdData[] = "1.2.840.113549.1.7.1";
constexpr char kAnimaVoucher[] = "1.2.840.113549.1.9.16.1.40";
constexpr char kSha256[] = "2.16.840.1.101.3.4.2.1";
constexpr char kEcdsaSha256[] = "1.2.840.10045.4.3.2";
constexpr char kRsaEncryption[] = "1.2.840.113549.1.1.1";
constexpr char kContentType[] = "1.2.840.113549.1.9.3";
constexpr char kMessageDigest[] = "1.2.840.113549.1.9.4";

void Need(bool holds) {
  if (!holds) {
    std::abort();
  }
}

const uint8_t* Octets(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

void AddOid(CBB* out, const char* dotted) {
  CBB oid;
  Need(CBB_add_asn1(out, &oid, CBS_ASN1_OBJECT) &&
       CBB_add_asn1_oid_from_text(&oid, dotted, std::string(dotted).size()) &&
       CBB_flush(out));
}

void AddOctets(CBB* out, unsigned tag, const std::string& octets) {
  CBB contents;
  Need(CBB_add_asn1(out, &contents, tag) &&
       CBB_add_bytes(&contents, Octets(octets), octets.size()) &&
       CBB_flush(out));
}

void AddAlgorithm(CBB* out, const char* dotted) {
  CBB algorithm;
  Need(CBB_add_asn1(out, &algorithm, CBS_ASN1_SEQUENCE));
  AddOid(&algorithm, dotted);
  Need(CBB_flush(out));
}

std::string Finish(CBB* cbb) {
  uint8_t* der = nullptr;
  size_t length = 0;
  Need(CBB_finish(cbb, &der, &length));
  std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

std::string Sha256(const std::string& text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Octets(text), text.size(), reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// The attributes without the SET around them, in DER order: content-type
// sorts before message-digest by its length.
std::string Attributes(const std::string& payload, const CmsOptions& options) {
  bssl::ScopedCBB cbb;
  CBB attribute, values;
  Need(CBB_init(cbb.get(), 128) &&
       CBB_add_asn1(cbb.get(), &attribute, CBS_ASN1_SEQUENCE));
  AddOid(&attribute, kContentType);
  Need(CBB_add_asn1(&attribute, &values, CBS_ASN1_SET));
  AddOid(&values, options.id_data ? kIdData : kAnimaVoucher);
  Need(CBB_flush(cbb.get()) &&
       CBB_add_asn1(cbb.get(), &attribute, CBS_ASN1_SEQUENCE));
  AddOid(&attribute, kMessageDigest);
  Need(CBB_add_asn1(&attribute, &values, CBS_ASN1_SET));
  AddOctets(&values, CBS_ASN1_OCTETSTRING,
            Sha256(options.break_digest ? payload + "x" : payload));
  return Finish(cbb.get());
}

std::string AsSet(const std::string& attributes) {
  bssl::ScopedCBB cbb;
  Need(CBB_init(cbb.get(), 128));
  AddOctets(cbb.get(), CBS_ASN1_SET, attributes);
  return Finish(cbb.get());
}

std::string Signature(const Identity& signer, const std::string& message) {
  bssl::ScopedEVP_MD_CTX context;
  size_t length = EVP_PKEY_size(signer.key.get());
  std::string signature(length, '\0');
  Need(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                          signer.key.get()) &&
       EVP_DigestSign(context.get(),
                      reinterpret_cast<uint8_t*>(signature.data()), &length,
                      Octets(message), message.size()));
  signature.resize(length);
  return signature;
}

void AddIssuerAndSerial(CBB* out, X509* certificate) {
  CBB both;
  uint8_t* name = nullptr;
  uint8_t* serial = nullptr;
  const int name_length =
      i2d_X509_NAME(X509_get_issuer_name(certificate), &name);
  const int serial_length =
      i2d_ASN1_INTEGER(X509_get_serialNumber(certificate), &serial);
  Need(CBB_add_asn1(out, &both, CBS_ASN1_SEQUENCE) &&
       CBB_add_bytes(&both, name, name_length) &&
       CBB_add_bytes(&both, serial, serial_length) && CBB_flush(out));
  OPENSSL_free(name);
  OPENSSL_free(serial);
}

void AddKeyId(CBB* out, X509* certificate) {
  const ASN1_OCTET_STRING* key_id = X509_get0_subject_key_id(certificate);
  Need(key_id != nullptr);
  AddOctets(
      out, CBS_ASN1_CONTEXT_SPECIFIC | 0,
      std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(key_id)),
                  ASN1_STRING_length(key_id)));
}

void AddSignerInfo(CBB* out, const std::string& payload, const Identity& signer,
                   const CmsOptions& options) {
  constexpr unsigned kAttributesTag =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
  const std::string attributes = Attributes(payload, options);
  CBB info;
  Need(CBB_add_asn1(out, &info, CBS_ASN1_SEQUENCE) &&
       CBB_add_asn1_uint64(&info, options.by_key_id ? 3 : 1));
  if (options.by_key_id) {
    AddKeyId(&info, signer.certificate.get());
  } else {
    AddIssuerAndSerial(&info, signer.certificate.get());
  }
  AddAlgorithm(&info, kSha256);
  if (options.signed_attributes) {
    AddOctets(&info, kAttributesTag, attributes);
  }
  AddAlgorithm(&info, EVP_PKEY_id(signer.key.get()) == EVP_PKEY_RSA
                          ? kRsaEncryption
                          : kEcdsaSha256);
  std::string signature = Signature(
      signer, options.signed_attributes ? AsSet(attributes) : payload);
  if (options.break_signature) {
    signature.back() ^= 1;
  }
  AddOctets(&info, CBS_ASN1_OCTETSTRING, signature);
  Need(CBB_flush(out));
}

void AddContent(CBB* out, const std::string& payload,
                const CmsOptions& options) {
  constexpr unsigned kExplicit0 =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
  CBB content, wrapper;
  Need(CBB_add_asn1(out, &content, CBS_ASN1_SEQUENCE));
  AddOid(&content, options.id_data ? kIdData : kAnimaVoucher);
  if (!options.detached) {
    Need(CBB_add_asn1(&content, &wrapper, kExplicit0));
    AddOctets(&wrapper, CBS_ASN1_OCTETSTRING, payload);
  }
  Need(CBB_flush(out));
}

// RevocationInfoChoices of RFC 5652 section 10.2.1.
std::string Evidence(const CmsOptions& options) {
  constexpr unsigned kOther =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 1;
  std::string all;
  for (const std::string& crl : options.crls_der) {
    all += crl;
  }
  for (const std::string& response : options.ocsp_responses_der) {
    bssl::ScopedCBB cbb;
    Need(CBB_init(cbb.get(), response.size() + 32));
    AddOctets(
        cbb.get(), kOther,
        std::string("\x06\x08\x2b\x06\x01\x05\x05\x07\x10\x02", 10) + response);
    all += Finish(cbb.get());
  }
  return all;
}

}  // namespace

std::string SignCms(const std::string& payload, const Identity& signer,
                    const CmsOptions& options) {
  constexpr unsigned kTag0 =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
  constexpr unsigned kTag1 = kTag0 | 1;
  std::vector<std::string> certificates = options.certificates_der;
  if (certificates.empty()) {
    certificates.push_back(signer.CertificateDer());
  }
  std::string all;
  for (const std::string& der : certificates) {
    all += der;
  }
  bssl::ScopedCBB cbb;
  CBB info, wrapper, data, digests, signers;
  Need(CBB_init(cbb.get(), 4096) &&
       CBB_add_asn1(cbb.get(), &info, CBS_ASN1_SEQUENCE));
  AddOid(&info, kSignedData);
  Need(CBB_add_asn1(&info, &wrapper, kTag0) &&
       CBB_add_asn1(&wrapper, &data, CBS_ASN1_SEQUENCE) &&
       CBB_add_asn1_uint64(&data, options.id_data ? 1 : 3) &&
       CBB_add_asn1(&data, &digests, CBS_ASN1_SET));
  AddAlgorithm(&digests, kSha256);
  AddContent(&data, payload, options);
  AddOctets(&data, kTag0, all);
  if (!options.crls_der.empty() || !options.ocsp_responses_der.empty()) {
    AddOctets(&data, kTag1, Evidence(options));
  }
  Need(CBB_add_asn1(&data, &signers, CBS_ASN1_SET));
  AddSignerInfo(&signers, payload, signer, options);
  return Finish(cbb.get());
}

}  // namespace masa::testing
