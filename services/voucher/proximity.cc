#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {
namespace {

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
  ChainQuestion question;
  for (const auto& certificate : request.artifact.certificates) {
    question.intermediates_der.push_back(certificate->der);
    if (certificate->spki_sha256 == spki_sha256) {
      question.leaf_der = certificate->der;
    }
  }
  question.anchors_der = {top->der};
  question.at = now;
  return !question.leaf_der.empty() && verifier.VerifyChain(question).ok();
}

}  // namespace

absl::StatusOr<bool> CheckProximity(const wire::VoucherRequest& request,
                                    const PledgeRequest& pledge,
                                    const Registrar& registrar,
                                    const masa::v1::Product& product,
                                    const Verifier& verifier, absl::Time now) {
  const auto& seen_der = pledge.request.leaves.proximity_registrar_cert_der;
  if (!seen_der || !request.leaves.nonce) {
    return false;
  }
  MASA_ASSIGN_OR_RETURN(const wire::Certificate seen,
                        wire::Certificate::Parse(*seen_der));
  // PV-06: keys are compared, since certificates are renewed.
  const auto hashes = registrar.SpkiHashes();
  if (std::find(hashes.begin(), hashes.end(), seen->spki_sha256) !=
          hashes.end() ||
      EnclosedByTheSameDomain(seen->spki_sha256, request, registrar, verifier,
                              now)) {
    return true;
  }
  if (product.proximity_mismatch() ==
      masa::v1::PROXIMITY_MISMATCH_RULE_DOWNGRADE) {
    return false;
  }
  return Refuse(Reason::kProximityMismatch,
                "the pledge's proximity-registrar-cert is not in the chain of "
                "the registrar that signed this request");
}

}  // namespace masa::voucher
