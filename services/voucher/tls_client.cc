#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckTlsClient(const std::vector<std::string>& peer_chain_der,
                            const wire::VoucherRequest& request,
                            const Registrar& registrar,
                            const Verifier& verifier, absl::Time now) {
  const absl::Status refusal =
      Refuse(Reason::kRegistrarUnknown,
             "registrars of this customer show a TLS client certificate of "
             "their domain");
  if (peer_chain_der.empty()) {
    return refusal;
  }
  const auto client = wire::Certificate::Parse(peer_chain_der.front());
  if (!client.ok()) {
    return refusal;
  }
  if ((*client)->spki_sha256 == registrar.signer->spki_sha256) {
    return absl::OkStatus();
  }
  const wire::Certificate& top = registrar.chain.back();
  if (!top->is_ca || registrar.chain.size() < 2) {
    return refusal;
  }
  ChainQuestion question;
  question.leaf_der = (*client)->der;
  question.intermediates_der = peer_chain_der;
  for (const wire::Certificate& one : request.artifact.certificates) {
    question.intermediates_der.push_back(one->der);
  }
  question.anchors_der = {top->der};
  question.at = now;
  return verifier.VerifyChain(question).ok() ? absl::OkStatus() : refusal;
}

}  // namespace masa::voucher
