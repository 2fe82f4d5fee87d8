#include "services/testing/revocation.h"

#include <algorithm>
#include <cstdlib>

#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/obj.h"
#include "openssl/sha.h"
#include "openssl/x509v3.h"
#include "services/testing/raw_sign.h"

namespace masa::testing {
namespace {

constexpr unsigned kContext = CBS_ASN1_CONTEXT_SPECIFIC;
constexpr unsigned kConstructed = kContext | CBS_ASN1_CONSTRUCTED;

void Need(bool holds) {
  if (!holds) {
    std::abort();
  }
}

template <typename Encode, typename Of>
std::string Der(Encode encode, Of* of) {
  uint8_t* octets = nullptr;
  const int length = encode(of, &octets);
  Need(length > 0);
  const bssl::UniquePtr<uint8_t> owned(octets);
  return std::string(reinterpret_cast<char*>(octets), length);
}

std::string Tlv(unsigned tag, const std::string& contents) {
  bssl::ScopedCBB cbb;
  CBB child;
  Need(CBB_init(cbb.get(), contents.size() + 8) &&
       CBB_add_asn1(cbb.get(), &child, tag) &&
       CBB_add_bytes(&child, reinterpret_cast<const uint8_t*>(contents.data()),
                     contents.size()) &&
       CBB_flush(cbb.get()));
  return std::string(reinterpret_cast<const char*>(CBB_data(cbb.get())),
                     CBB_len(cbb.get()));
}

std::string Time(absl::Time time) {
  return Tlv(CBS_ASN1_GENERALIZEDTIME,
             absl::FormatTime("%Y%m%d%H%M%SZ", time, absl::UTCTimeZone()));
}

std::string Sha1(const std::string& octets) {
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
       reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

std::string CertId(const Identity& ca, const Identity& subject) {
  const std::string name =
      Der(i2d_X509_NAME, X509_get_subject_name(ca.certificate.get()));
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(ca.certificate.get());
  const std::string key(reinterpret_cast<const char*>(bits->data),
                        bits->length);
  const std::string sha1("\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00", 9);
  return Tlv(CBS_ASN1_SEQUENCE,
             Tlv(CBS_ASN1_SEQUENCE, sha1) +
                 Tlv(CBS_ASN1_OCTETSTRING, Sha1(name)) +
                 Tlv(CBS_ASN1_OCTETSTRING, Sha1(key)) +
                 Der(i2d_ASN1_INTEGER,
                     X509_get_serialNumber(subject.certificate.get())));
}

bool Names(const RevocationSpec& spec, const Identity& subject) {
  return std::any_of(
      spec.revoked.begin(), spec.revoked.end(), [&](const Identity& one) {
        return X509_cmp(one.certificate.get(), subject.certificate.get()) == 0;
      });
}

// ecdsa-with-SHA256 over `data`, P-256.
std::string Signature(const std::string& data, const Identity& signer) {
  bssl::ScopedEVP_MD_CTX context;
  std::string signature(256, '\0');
  size_t size = signature.size();
  Need(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                          signer.key.get()) &&
       EVP_DigestSign(
           context.get(), reinterpret_cast<uint8_t*>(signature.data()), &size,
           reinterpret_cast<const uint8_t*>(data.data()), data.size()));
  signature.resize(size);
  return signature;
}

}  // namespace

std::string MakeCrl(const Identity& ca, const RevocationSpec& spec) {
  const bssl::UniquePtr<X509_CRL> crl(X509_CRL_new());
  const bssl::UniquePtr<ASN1_TIME> from(
      ASN1_TIME_set(nullptr, absl::ToTimeT(spec.this_update)));
  const bssl::UniquePtr<ASN1_TIME> until(
      ASN1_TIME_set(nullptr, absl::ToTimeT(spec.next_update)));
  Need(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) &&
       X509_CRL_set_issuer_name(crl.get(),
                                X509_get_subject_name(ca.certificate.get())) &&
       X509_CRL_set1_lastUpdate(crl.get(), from.get()) &&
       X509_CRL_set1_nextUpdate(crl.get(), until.get()));
  for (const Identity& one : spec.revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    Need(entry != nullptr &&
         X509_REVOKED_set_serialNumber(
             entry, X509_get_serialNumber(one.certificate.get())) &&
         X509_REVOKED_set_revocationDate(entry, from.get()) &&
         X509_CRL_add0_revoked(crl.get(), entry));
  }
  if (!spec.scope.empty()) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, ca.certificate.get(), nullptr, nullptr, crl.get(),
                   0);
    const bssl::UniquePtr<X509_EXTENSION> scope(
        X509V3_EXT_nconf_nid(nullptr, &context, NID_issuing_distribution_point,
                             ("critical," + spec.scope).c_str()));
    Need(scope != nullptr && X509_CRL_add_ext(crl.get(), scope.get(), -1));
  }
  X509_CRL_sort(crl.get());
  Need(X509_CRL_sign(crl.get(), ca.key.get(), EVP_sha256()) > 0);
  return Der(i2d_X509_CRL, crl.get());
}

std::string MakeOcspResponse(const Identity& ca, const Identity& subject,
                             const Identity& responder,
                             const RevocationSpec& spec) {
  const std::string status = Names(spec, subject)
                                 ? Tlv(kConstructed | 1, Time(spec.this_update))
                                 : Tlv(kContext | 0, "");
  const std::string single = Tlv(
      CBS_ASN1_SEQUENCE, CertId(ca, subject) + status + Time(spec.this_update) +
                             Tlv(kConstructed | 0, Time(spec.next_update)));
  const std::string name =
      Der(i2d_X509_NAME, X509_get_subject_name(responder.certificate.get()));
  const std::string data = Tlv(
      CBS_ASN1_SEQUENCE, Tlv(kConstructed | 1, name) + Time(spec.this_update) +
                             Tlv(CBS_ASN1_SEQUENCE, single));
  const std::string ecdsa("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 10);
  const bool delegated =
      X509_cmp(responder.certificate.get(), ca.certificate.get()) != 0;
  const std::string basic = Tlv(
      CBS_ASN1_SEQUENCE,
      data + Tlv(CBS_ASN1_SEQUENCE, ecdsa) +
          Tlv(CBS_ASN1_BITSTRING,
              std::string(1, '\0') + Signature(data, responder)) +
          (delegated ? Tlv(kConstructed | 0,
                           Tlv(CBS_ASN1_SEQUENCE, responder.CertificateDer()))
                     : ""));
  const std::string kind("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 11);
  return Tlv(
      CBS_ASN1_SEQUENCE,
      Tlv(CBS_ASN1_ENUMERATED, std::string(1, '\0')) +
          Tlv(kConstructed | 0,
              Tlv(CBS_ASN1_SEQUENCE, kind + Tlv(CBS_ASN1_OCTETSTRING, basic))));
}

}  // namespace masa::testing
