#include <algorithm>

#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/find_chain.h"
#include "services/voucher/pledge.h"

namespace masa::voucher {
namespace {

std::string Sha256Of(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// RV-11: a TLS certificate that the registrar enclosed counts when the same
// domain issued it; enclosing somebody else's proves nothing.
bool EnclosedByTheSameDomain(const std::string& spki_sha256,
                             const wire::VoucherRequest& request,
                             const Registrar& registrar,
                             const Verifier& verifier, absl::Time now) {
  const wire::Certificate& top = registrar.chain.back();
  if (!top->is_ca || registrar.chain.size() < 2) {
    return false;
  }
  std::vector<wire::Certificate> seen;
  for (const auto& certificate : request.artifact.certificates) {
    if (certificate->spki_sha256 == spki_sha256) {
      seen.push_back(certificate);
    }
  }
  // Of a key several certificates may lie there, old ones beside new ones.
  std::sort(seen.begin(), seen.end(), wire::LikelierSigner);
  ChainSearch search{request.artifact.certificates, verifier, now};
  return std::any_of(seen.begin(), seen.end(), [&](const auto& certificate) {
    return LeadsTo(certificate, top, search);
  });
}

// As a rule the pledge saw the signer's own, which is parsed already.
absl::StatusOr<std::string> SeenBeside(const wire::VoucherRequestLeaves& leaves,
                                       const Registrar& registrar) {
  const bool by_certificate = !leaves.proximity_registrar_pubk_sha256 &&
                              !leaves.proximity_registrar_pubk_der;
  return by_certificate &&
                 leaves.proximity_registrar_cert_der == registrar.signer->der
             ? absl::StatusOr<std::string>(registrar.signer->spki_sha256)
             : SeenSpkiSha256(leaves);
}

}  // namespace

absl::StatusOr<std::string> SeenSpkiSha256(
    const wire::VoucherRequestLeaves& leaves) {
  if (leaves.proximity_registrar_pubk_sha256) {
    return *leaves.proximity_registrar_pubk_sha256;
  }
  if (leaves.proximity_registrar_pubk_der) {
    return Sha256Of(*leaves.proximity_registrar_pubk_der);
  }
  if (!leaves.proximity_registrar_cert_der) {
    return std::string();
  }
  MASA_ASSIGN_OR_RETURN(
      const wire::Certificate seen,
      wire::Certificate::Parse(*leaves.proximity_registrar_cert_der));
  return seen->spki_sha256;
}

absl::StatusOr<bool> CheckProximity(const Case& facts,
                                    const PledgeRequest& pledge,
                                    const Verifier& verifier) {
  MASA_ASSIGN_OR_RETURN(const std::string seen,
                        SeenBeside(pledge.request.leaves, facts.registrar));
  if (seen.empty() || !facts.request.leaves.nonce) {
    return false;
  }
  // PV-06: keys are compared, since certificates are renewed.
  const auto hashes = facts.registrar.SpkiHashes();
  if (std::find(hashes.begin(), hashes.end(), seen) != hashes.end() ||
      EnclosedByTheSameDomain(seen, facts.request, facts.registrar, verifier,
                              facts.now)) {
    return true;
  }
  if (facts.product.proximity_mismatch() ==
      masa::v1::PROXIMITY_MISMATCH_RULE_DOWNGRADE) {
    return false;
  }
  return Refuse(Reason::kProximityMismatch,
                "the registrar that the pledge saw is not in the chain of the "
                "registrar that signed this request");
}

}  // namespace masa::voucher
