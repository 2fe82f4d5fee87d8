#include "services/wire/x509_parts.h"

#include "openssl/sha.h"
#include "services/wire/cms_algorithms.h"
#include "services/wire/der.h"
#include "services/wire/rfc3339.h"

namespace masa::wire {

bool TakeX509Time(CBS* from, absl::Time* time) {
  CBS copy = *from, text;
  unsigned tag;
  if (!CBS_get_any_asn1(&copy, &text, &tag) ||
      (tag != CBS_ASN1_UTCTIME && tag != CBS_ASN1_GENERALIZEDTIME)) {
    return false;
  }
  const auto parsed =
      ParseAsn1Time(View(text), tag == CBS_ASN1_GENERALIZEDTIME);
  if (!parsed) {
    return false;
  }
  *time = *parsed;
  *from = copy;
  return true;
}

bool TakeX509Signature(CBS* from, absl::string_view signed_octets,
                       X509Signature* signature) {
  CBS algorithm, oid, bits;
  uint8_t unused;
  if (!CBS_get_asn1(from, &algorithm, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) ||
      !CBS_get_asn1(from, &bits, CBS_ASN1_BITSTRING) ||
      !CBS_get_u8(&bits, &unused) || unused != 0) {
    return false;
  }
  for (const Digest digest :
       {Digest::kSha256, Digest::kSha384, Digest::kSha512}) {
    if (const auto named = SignatureNamed(View(oid), digest)) {
      signature->algorithm = *named;
      signature->signed_octets = std::string(signed_octets);
      signature->signature = std::string(View(bits));
      return true;
    }
  }
  return false;
}

std::string Sha1Of(absl::string_view octets) {
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
       reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace masa::wire
