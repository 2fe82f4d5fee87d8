#include <algorithm>

#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

// Our own vouchers enclose their signer and what is above it.
constexpr size_t kMostCandidates = 4;

// The artifact is signed by one of our keys: enclosed and chaining to an anchor
// of theirs, or stripped of its chain and verifying under a signer of today.
bool IsOwn(const wire::SignedArtifact& artifact, const Case& facts,
           const Verifier& verifier) {
  for (const auto& chain : facts.own_chains_der) {
    ChainQuestion question;
    question.anchors_der = {chain.back()};
    question.intermediates_der = chain;
    question.at = facts.now;
    question.ignore_validity = true;  // its key may be retired by now
    for (const wire::SignerInfo& signer : artifact.signers) {
      auto candidates = wire::CandidatesFor(signer, artifact);
      const auto ours = wire::Certificate::Parse(chain.front());
      if (candidates.empty() && ours.ok()) {
        candidates.push_back(*ours);
      }
      const size_t count = std::min(candidates.size(), kMostCandidates);
      for (size_t i = 0; i < count; ++i) {
        question.leaf_der = candidates[i]->der;
        if (verifier.VerifyChain(question).ok() &&
            verifier
                .VerifySignature(signer.algorithm, candidates[i]->spki_der,
                                 signer.signed_octets, signer.signature)
                .ok()) {
          return true;
        }
      }
    }
  }
  return false;
}

std::string PinnedSpkiSha256(const wire::Voucher& voucher,
                             const Registrar& registrar) {
  for (const wire::Certificate& certificate : registrar.Domain()) {
    const auto pinned =
        wire::Certificate::Parse(voucher.pinned_domain_cert_der);
    if ((pinned.ok() && (*pinned)->spki_sha256 == certificate->spki_sha256) ||
        voucher.pinned_domain_pubk_der == certificate->spki_der ||
        voucher.pinned_domain_pubk_sha256 == certificate->spki_sha256) {
      return certificate->spki_sha256;
    }
  }
  return "";
}

}  // namespace

std::optional<wire::Voucher> OldVoucherOf(const Case& facts,
                                          const Verifier& verifier) {
  if (!facts.prior || !facts.prior->ok()) {
    return std::nullopt;
  }
  const auto& read = *facts.prior;
  if (read->leaves.top_key != wire::TopKey::kVoucher ||
      read->leaves.serial_number != facts.request.leaves.serial_number ||
      !IsOwn(read->artifact, facts, verifier)) {
    return std::nullopt;
  }
  const auto voucher =
      wire::ParseVoucherContent(read->artifact.format, read->artifact.payload);
  return voucher.ok() ? std::optional<wire::Voucher>(*voucher) : std::nullopt;
}

bool RenewsOldVoucher(const Case& facts, const wire::Voucher& old) {
  return !facts.request.leaves.nonce && !old.nonce &&
         !PinnedSpkiSha256(old, facts.registrar).empty();
}

std::string RenewedPin(const Case& facts, const Verifier& verifier) {
  // A device that somebody owns by now is its owner's to ask for; one that was
  // given back is nobody's, whoever had it.
  if (facts.request.leaves.nonce || facts.standing.owner_recorded ||
      facts.device.device.state == storage::DeviceState::kReturned ||
      !facts.standing.registered_domain) {
    return "";
  }
  for (const storage::IssuedVoucher& issued : facts.history) {
    if (!issued.nonce && IssuedTo(issued, facts.registrar)) {
      return issued.pinned_spki_sha256;
    }
  }
  const auto old = OldVoucherOf(facts, verifier);
  return old && RenewsOldVoucher(facts, *old)
             ? PinnedSpkiSha256(*old, facts.registrar)
             : "";
}

}  // namespace masa::voucher
