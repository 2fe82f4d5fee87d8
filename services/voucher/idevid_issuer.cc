#include "openssl/bytestring.h"
#include "openssl/sha.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

// RFC 8366bis section 6.1 rule 2: without an AKI, SHA-1 over the bits of the
// IDevID's own public key.
std::string OwnKeyId(const wire::Certificate& idevid) {
  CBS spki, inner, algorithm, bits;
  uint8_t unused_bits = 0;
  CBS_init(&spki, reinterpret_cast<const uint8_t*>(idevid->spki_der.data()),
           idevid->spki_der.size());
  if (!CBS_get_asn1(&spki, &inner, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&inner, &algorithm, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&inner, &bits, CBS_ASN1_BITSTRING) ||
      !CBS_get_u8(&bits, &unused_bits)) {
    return "";
  }
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(CBS_data(&bits), CBS_len(&bits),
       reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace

bool IsFallbackIssuer(const wire::VoucherRequest& request,
                      const MaybePrior& prior) {
  const auto& leaf = request.leaves.idevid_issuer;
  if (!leaf || !prior || !prior->ok()) {
    return false;
  }
  const wire::SignedArtifact& artifact = (*prior)->artifact;
  const int signer = artifact.signers.front().certificate;
  return signer >= 0 && OwnKeyId(artifact.certificates[signer]) == *leaf;
}

absl::Status CheckIdevidIssuer(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge,
                               const storage::Device& device) {
  const auto& named = pledge.idevid->authority_key_id;
  const std::string own = OwnKeyId(pledge.idevid);
  // AMB-21: where the IDevID names no issuer, its own key's hash stands for
  // it, and so does the issuer's key identifier.
  const auto is_issuer = [&](const std::string& key_id) {
    return named ? key_id == *named
                 : key_id == own || key_id == pledge.issuer_key_id;
  };
  const auto& leaf = request.leaves.idevid_issuer;
  if (leaf && *leaf != own && !is_issuer(*leaf)) {
    return Refuse(Reason::kIssuerMismatch,
                  "the idevid-issuer is not that of the pledge's IDevID");
  }
  if (device.idevid_issuer && !is_issuer(*device.idevid_issuer)) {
    return Refuse(Reason::kIssuerMismatch,
                  "the pledge's IDevID is of another issuer than the device "
                  "of this serial-number");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
