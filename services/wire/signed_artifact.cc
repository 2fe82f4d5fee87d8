#include "services/wire/signed_artifact.h"

#include <algorithm>

namespace masa::wire {
namespace {

// Registrars first, then those that issue nothing, then CAs, which may sign for
// themselves.
int RankOf(const Certificate& certificate) {
  return certificate->has_cmc_ra ? 0 : certificate->is_ca ? 2 : 1;
}

}  // namespace

bool LikelierSigner(const Certificate& a, const Certificate& b) {
  return RankOf(a) != RankOf(b) ? RankOf(a) < RankOf(b) : Outlasts(a, b);
}

void SetCandidates(std::vector<int> indices,
                   const std::vector<Certificate>& certificates,
                   SignerInfo* signer) {
  std::sort(indices.begin(), indices.end(), [&](int a, int b) {
    return LikelierSigner(certificates[a], certificates[b]);
  });
  const auto end =
      std::unique(indices.begin(), indices.end(), [&](int a, int b) {
        return certificates[a]->der == certificates[b]->der;
      });
  indices.erase(end, indices.end());
  signer->certificate = indices.empty() ? -1 : indices.front();
  signer->others.assign(indices.begin() + (indices.empty() ? 0 : 1),
                        indices.end());
}

std::vector<Certificate> CandidatesFor(const SignerInfo& signer,
                                       const SignedArtifact& artifact) {
  std::vector<Certificate> candidates;
  if (signer.certificate >= 0) {
    candidates.push_back(artifact.certificates[signer.certificate]);
  }
  for (const int index : signer.others) {
    candidates.push_back(artifact.certificates[index]);
  }
  return candidates;
}

}  // namespace masa::wire
