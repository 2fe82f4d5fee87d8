#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/find_chain.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

using wire::Certificate;
using wire::SignedArtifact;
using wire::SignerInfo;

// As many certificates as may be enclosed. Several signers of one request that
// each could be anybody's make no more work than that.
constexpr size_t kMostTries = 16;

struct Candidate {
  const SignerInfo* signer;
  Certificate leaf;
};

// Of several signers those with id-kp-cmcRA come first (CM-11); the order in
// which certificates were sent means nothing (RV-02).
std::vector<Candidate> CandidatesIn(const SignedArtifact& artifact) {
  std::vector<Candidate> candidates;
  for (const SignerInfo& signer : artifact.signers) {
    for (Certificate& leaf : wire::CandidatesFor(signer, artifact)) {
      candidates.push_back({&signer, std::move(leaf)});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return wire::LikelierSigner(a.leaf, b.leaf);
                   });
  if (candidates.size() > kMostTries) {
    candidates.erase(candidates.begin() + kMostTries, candidates.end());
  }
  return candidates;
}

}  // namespace

// RV-04: the top is whatever the registrar put there; it proves consistency,
// not identity.
absl::StatusOr<Registrar> CheckRegistrarSignature(
    const wire::VoucherRequest& request, const Verifier& verifier,
    absl::Time now) {
  const SignedArtifact& artifact = request.artifact;
  ChainSearch search{artifact.certificates, verifier, now};
  absl::Status signature, chain;
  for (const Candidate& one : CandidatesIn(artifact)) {
    if (!chain.ok() && !one.leaf->has_cmc_ra) {
      break;  // a registrar signed, and that is what is wrong
    }
    const absl::Status verified = verifier.VerifySignature(
        one.signer->algorithm, one.leaf->spki_der, one.signer->signed_octets,
        one.signer->signature);
    if (!verified.ok()) {
      signature.Update(verified);
      continue;
    }
    auto found = FindChain(one.leaf, search);
    if (found.ok()) {
      return Registrar{one.leaf, *std::move(found)};
    }
    chain.Update(found.status());
  }
  MASA_RETURN_IF_ERROR(chain);
  MASA_RETURN_IF_ERROR(signature);
  return Refuse(Reason::kNotSigned,
                "the request does not enclose its signer's certificate");
}

}  // namespace masa::voucher
