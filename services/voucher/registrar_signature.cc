#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

using wire::Certificate;
using wire::SignedArtifact;
using wire::SignerInfo;

// The signer to judge: of several, the first with id-kp-cmcRA whose signature
// holds (CM-11); a COSE request names several for one signature (PV-04).
absl::StatusOr<const SignerInfo*> ChooseSigner(const SignedArtifact& artifact,
                                               const Verifier& verifier) {
  absl::Status first =
      Refuse(Reason::kNotSigned,
             "the request does not enclose its signer's certificate");
  for (const bool cmc_ra : {true, false}) {
    for (const SignerInfo& signer : artifact.signers) {
      if (signer.certificate < 0) {
        continue;
      }
      const Certificate& leaf = artifact.certificates[signer.certificate];
      if (leaf->has_cmc_ra != cmc_ra) {
        continue;
      }
      const absl::Status verified =
          verifier.VerifySignature(signer.algorithm, leaf->spki_der,
                                   signer.signed_octets, signer.signature);
      if (verified.ok()) {
        return &signer;
      }
      if (ReasonOf(first) == Reason::kNotSigned) {
        first = verified;
      }
    }
  }
  return first;
}

bool Issued(const Certificate& issuer, const Certificate& subject) {
  if (issuer->subject_der != subject->issuer_der) {
    return false;
  }
  return !issuer->subject_key_id || !subject->authority_key_id ||
         *issuer->subject_key_id == *subject->authority_key_id;
}

// RV-02: the order of the enclosed certificates means nothing. RV-04: the top
// is whatever the registrar put there; it proves consistency, not identity.
const Certificate& TopOf(const Certificate& leaf,
                         const std::vector<Certificate>& enclosed) {
  const Certificate* top = &leaf;
  for (size_t steps = 0; steps < enclosed.size(); ++steps) {
    const auto next = std::find_if(
        enclosed.begin(), enclosed.end(), [top](const Certificate& candidate) {
          return candidate->der != (*top)->der && candidate->is_ca &&
                 Issued(candidate, *top);
        });
    if (next == enclosed.end()) {
      break;
    }
    top = &*next;
  }
  return *top;
}

}  // namespace

absl::StatusOr<Registrar> CheckRegistrarSignature(
    const wire::VoucherRequest& request, const Verifier& verifier,
    absl::Time now) {
  const SignedArtifact& artifact = request.artifact;
  MASA_ASSIGN_OR_RETURN(const SignerInfo* signer,
                        ChooseSigner(artifact, verifier));
  const Certificate& leaf = artifact.certificates[signer->certificate];
  ChainQuestion question;
  question.leaf_der = leaf->der;
  // Nothing but a CA can stand between; a fresh pledge's certificate in the
  // bag would make each question a new one.
  for (const Certificate& certificate : artifact.certificates) {
    if (certificate->is_ca) {
      question.intermediates_der.push_back(certificate->der);
    }
  }
  question.anchors_der = {TopOf(leaf, artifact.certificates)->der};
  question.at = now;
  MASA_ASSIGN_OR_RETURN(const VerifiedChain verified,
                        verifier.VerifyChain(question));
  Registrar registrar{leaf, {}};
  for (const std::string& der : verified.chain_der) {
    const auto known = std::find_if(
        artifact.certificates.begin(), artifact.certificates.end(),
        [&der](const Certificate& candidate) { return candidate->der == der; });
    registrar.chain.push_back(*known);
  }
  return registrar;
}

}  // namespace masa::voucher
