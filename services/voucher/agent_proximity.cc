#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/rules.h"
#include "services/wire/agent_signed_data.h"

namespace masa::voucher {
namespace {

using wire::Certificate;

absl::Status Mismatch(absl::string_view what) {
  return Refuse(Reason::kProximityMismatch, what);
}

bool Chains(const Certificate& leaf, const Certificate& anchor,
            const Case& facts, const std::vector<Certificate>& agents,
            const Verifier& verifier) {
  ChainQuestion question;
  question.leaf_der = leaf->der;
  question.anchors_der = {anchor->der};
  question.at = facts.now;
  for (const Certificate& one : facts.request.artifact.certificates) {
    question.intermediates_der.push_back(one->der);
  }
  for (const Certificate& one : agents) {
    question.intermediates_der.push_back(one->der);
  }
  return verifier.VerifyChain(question).ok();
}

// The domain's CAs: the top that the registrar sent, or one sent with the
// agent's certificate under which the registrar's verifies (JW-06).
std::vector<Certificate> DomainAnchors(const Case& facts,
                                       const std::vector<Certificate>& agents,
                                       const Verifier& verifier) {
  std::vector<Certificate> anchors;
  if (facts.registrar.chain.back()->is_ca) {
    anchors.push_back(facts.registrar.chain.back());
  }
  for (const Certificate& candidate : agents) {
    if (candidate->is_ca &&
        Chains(facts.registrar.signer, candidate, facts, agents, verifier)) {
      anchors.push_back(candidate);
    }
  }
  return anchors;
}

absl::StatusOr<std::vector<Certificate>> ParseAll(
    const std::vector<std::string>& ders) {
  std::vector<Certificate> certificates;
  for (const std::string& der : ders) {
    MASA_ASSIGN_OR_RETURN(Certificate one, Certificate::Parse(der));
    certificates.push_back(std::move(one));
  }
  return certificates;
}

// PR-03, PR-04: the registrar that the agent showed, and the agent, are of the
// domain that signed the request.
absl::Status CheckSameDomain(const Case& facts, const PledgeRequest& pledge,
                             const std::vector<Certificate>& agents,
                             const Verifier& verifier) {
  MASA_ASSIGN_OR_RETURN(
      const Certificate shown,
      Certificate::Parse(
          *pledge.request.leaves.agent_provided_proximity_registrar_cert_der));
  const auto anchors = DomainAnchors(facts, agents, verifier);
  const auto of_domain = [&](const Certificate& leaf) {
    return std::any_of(anchors.begin(), anchors.end(), [&](const auto& anchor) {
      return Chains(leaf, anchor, facts, agents, verifier);
    });
  };
  if (!of_domain(shown)) {
    return Mismatch(
        "the agent-provided-proximity-registrar-cert is not of the domain of "
        "the registrar that signed this request");
  }
  if (!of_domain(agents.front())) {
    return Mismatch(
        "the agent-sign-cert is not of the domain of the registrar that "
        "signed this request");
  }
  return absl::OkStatus();
}

// PR-05, PR-06, PR-14, JW-12.
absl::Status CheckSignedData(const Case& facts, const PledgeRequest& pledge,
                             const Certificate& agent,
                             const Verifier& verifier) {
  const auto& octets = pledge.request.leaves.agent_signed_data;
  if (!octets) {
    return Mismatch("the pledge's request has no agent-signed-data");
  }
  MASA_ASSIGN_OR_RETURN(const wire::AgentSignedData data,
                        wire::ParseAgentSignedData(*octets));
  if (!agent->subject_key_id ||
      data.signer.key_id != absl::Base64Escape(*agent->subject_key_id)) {
    return Mismatch(
        "kid of agent-signed-data does not name the agent-sign-cert");
  }
  if (!verifier
           .VerifySignature(data.signer.algorithm, agent->spki_der,
                            data.signer.signed_octets, data.signer.signature)
           .ok()) {
    return Mismatch(
        "agent-signed-data does not verify with the agent-sign-cert");
  }
  if (data.serial_number != facts.request.leaves.serial_number) {
    return Refuse(Reason::kSerialMismatch,
                  "agent-signed-data is for another serial-number");
  }
  if (facts.product.agent_signed_date_checked() &&
      (!data.created_on || *data.created_on > agent->not_after)) {
    return Mismatch("agent-signed-data is dated after its agent's certificate");
  }
  return absl::OkStatus();
}

// PR-02, PR-09: what a registrar in PRM always sends.
absl::Status CheckComplete(const Case& facts) {
  const auto& leaves = facts.request.leaves;
  if (!facts.mutual_tls) {
    return Refuse(Reason::kRegistrarNotAuthorized,
                  "BRSKI-PRM asks for mutual TLS: the registrar showed no "
                  "client certificate");
  }
  if (!leaves.created_on || !leaves.nonce || !leaves.idevid_issuer ||
      leaves.assertion != masa::v1::ASSERTION_AGENT_PROXIMITY) {
    return Refuse(Reason::kMalformed,
                  "a request for agent-proximity has created-on, nonce, "
                  "idevid-issuer and the assertion agent-proximity");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsResponderMode(const Case& facts, const PledgeRequest& pledge) {
  const auto& leaves = pledge.request.leaves;
  return facts.product.responder_mode() &&
         (leaves.assertion == masa::v1::ASSERTION_AGENT_PROXIMITY ||
          leaves.agent_provided_proximity_registrar_cert_der.has_value() ||
          facts.request.leaves.assertion ==
              masa::v1::ASSERTION_AGENT_PROXIMITY);
}

absl::StatusOr<bool> CheckAgentProximity(const Case& facts,
                                         const PledgeRequest& pledge,
                                         const Verifier& verifier) {
  MASA_RETURN_IF_ERROR(CheckComplete(facts));
  if (!pledge.request.leaves.agent_provided_proximity_registrar_cert_der) {
    return Mismatch(
        "the pledge's request has no agent-provided-proximity-registrar-cert");
  }
  MASA_ASSIGN_OR_RETURN(const auto agents,
                        ParseAll(facts.request.leaves.agent_sign_certs_der));
  if (agents.empty()) {
    return false;  // PR-07
  }
  MASA_RETURN_IF_ERROR(CheckSameDomain(facts, pledge, agents, verifier));
  MASA_RETURN_IF_ERROR(
      CheckSignedData(facts, pledge, agents.front(), verifier));
  return true;
}

absl::Status CheckMayLackPledge(const Case& facts) {
  if (!facts.product.responder_mode() ||
      facts.request.leaves.assertion != masa::v1::ASSERTION_AGENT_PROXIMITY) {
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(CheckComplete(facts));
  return Refuse(Reason::kMalformed,
                "a request for agent-proximity holds the pledge's own, a "
                "prior-signed-voucher-request");
}

}  // namespace masa::voucher
