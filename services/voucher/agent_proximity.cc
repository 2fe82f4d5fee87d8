#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/find_chain.h"
#include "services/voucher/rules.h"
#include "services/wire/agent_signed_data.h"

namespace masa::voucher {
namespace {

using wire::Certificate;

absl::Status Mismatch(absl::string_view what) {
  return Refuse(Reason::kProximityMismatch, what);
}

// The domain of the registrar that signed, by the CAs under which its
// certificate verifies.
class Domain {
 public:
  Domain(const Case& facts, const std::vector<Certificate>& agents,
         const Verifier& verifier)
      : facts_(facts),
        verifier_(verifier),
        sent_(facts.request.artifact.certificates) {
    sent_.insert(sent_.end(), agents.begin(), agents.end());
    if (facts.registrar.chain.back()->is_ca) {
      anchors_.push_back(facts.registrar.chain.back());
    }
    AddAnchors(agents);
  }

  // The CAs that the device's owner registered count as well, for registrars
  // that send themselves alone (JW-06); as a rule they are not needed.
  bool Has(const Certificate& leaf) {
    if (IsUnderAnchor(leaf)) {
      return true;
    }
    std::vector<Certificate> registered;
    for (const storage::OwnerCert& one : facts_.device.owner_certs) {
      if (auto parsed = Certificate::Parse(one.certificate_der); parsed.ok()) {
        registered.push_back(*std::move(parsed));
      }
    }
    return AddAnchors(registered) && IsUnderAnchor(leaf);
  }

 private:
  bool IsUnder(const Certificate& leaf, const Certificate& anchor) const {
    ChainSearch search{sent_, verifier_, facts_.now};
    return LeadsTo(leaf, anchor, search);
  }

  bool IsUnderAnchor(const Certificate& leaf) const {
    return std::any_of(
        anchors_.begin(), anchors_.end(),
        [&](const Certificate& anchor) { return IsUnder(leaf, anchor); });
  }

  // False when none of them is a CA of the registrar's.
  bool AddAnchors(const std::vector<Certificate>& candidates) {
    const size_t before = anchors_.size();
    for (const Certificate& candidate : candidates) {
      if (candidate->is_ca && IsUnder(facts_.registrar.signer, candidate)) {
        anchors_.push_back(candidate);
      }
    }
    return anchors_.size() > before;
  }

  const Case& facts_;
  const Verifier& verifier_;
  std::vector<Certificate> sent_;
  std::vector<Certificate> anchors_;
};

absl::StatusOr<std::vector<Certificate>> ParseAll(
    const std::vector<std::string>& ders) {
  constexpr size_t kMost = 16;  // as of a request's own
  if (ders.size() > kMost) {
    return Refuse(Reason::kMalformed,
                  "agent-sign-cert is more than 16 certificates");
  }
  std::vector<Certificate> certificates;
  for (const std::string& der : ders) {
    MASA_ASSIGN_OR_RETURN(Certificate one, Certificate::Parse(der));
    certificates.push_back(std::move(one));
  }
  return certificates;
}

// PR-03: the registrar that the agent showed is of the domain that signed the
// request, or that very registrar.
absl::Status CheckShownRegistrar(const Case& facts, const PledgeRequest& pledge,
                                 Domain* domain) {
  const auto& der =
      pledge.request.leaves.agent_provided_proximity_registrar_cert_der;
  if (!der) {
    return Mismatch(
        "the pledge's request has no agent-provided-proximity-registrar-cert");
  }
  MASA_ASSIGN_OR_RETURN(const Certificate shown, Certificate::Parse(*der));
  return shown->spki_sha256 == facts.registrar.signer->spki_sha256 ||
                 domain->Has(shown)
             ? absl::OkStatus()
             : Mismatch(
                   "the agent-provided-proximity-registrar-cert is not of the "
                   "domain of the registrar that signed this request");
}

// PR-06, JW-12: what holds of the agent's data whoever signed them.
absl::StatusOr<wire::AgentSignedData> ReadSignedData(
    const Case& facts, const PledgeRequest& pledge) {
  const auto& octets = pledge.request.leaves.agent_signed_data;
  if (!octets) {
    return Mismatch("the pledge's request has no agent-signed-data");
  }
  MASA_ASSIGN_OR_RETURN(wire::AgentSignedData data,
                        wire::ParseAgentSignedData(*octets));
  if (data.serial_number != facts.request.leaves.serial_number) {
    return Refuse(Reason::kSerialMismatch,
                  "agent-signed-data is for another serial-number");
  }
  return data;
}

// PR-05, PR-14.
absl::Status CheckSignedBy(const wire::AgentSignedData& data,
                           const Certificate& agent, const Case& facts,
                           const Verifier& verifier) {
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
  MASA_ASSIGN_OR_RETURN(const auto agents,
                        ParseAll(facts.request.leaves.agent_sign_certs_der));
  Domain domain(facts, agents, verifier);
  MASA_RETURN_IF_ERROR(CheckShownRegistrar(facts, pledge, &domain));
  MASA_ASSIGN_OR_RETURN(const wire::AgentSignedData data,
                        ReadSignedData(facts, pledge));
  if (agents.empty()) {
    return false;  // PR-07 excuses the agent's certificate, and nothing else
  }
  if (!domain.Has(agents.front())) {
    return Mismatch(
        "the agent-sign-cert is not of the domain of the registrar that "
        "signed this request");
  }
  MASA_RETURN_IF_ERROR(CheckSignedBy(data, agents.front(), facts, verifier));
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
