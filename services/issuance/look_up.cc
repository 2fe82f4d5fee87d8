#include "services/issuance/look_up.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/identity/basic.h"
#include "services/ownership/standing.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/pledge.h"

namespace masa::issuance {
namespace {

// The key identifier of the device's issuer, as the request names it. RV-16:
// where the leaf only stands for the IDevID, as the IDevID shows it; whether it
// signed the pledge's request, and is of that issuer, the rules say.
std::optional<std::string> IssuerOf(const Tools& tools, const Matter& matter) {
  const Heard& heard = *matter.heard;
  if (!voucher::IsFallbackIssuer(heard.request, heard.prior)) {
    return heard.request.leaves.idevid_issuer;
  }
  const wire::SignedArtifact& artifact = (*heard.prior)->artifact;
  std::vector<std::string> chain_der = {
      artifact.certificates[artifact.signers.front().certificate]->der};
  for (const wire::SignedArtifact* enclosing :
       {&artifact, &heard.request.artifact}) {
    for (const wire::Certificate& one : enclosing->certificates) {
      if (one->is_ca) {
        chain_der.push_back(one->der);
      }
    }
  }
  const auto shown = voucher::ReadIdevid(chain_der, *heard.tenant,
                                         tools.verifier, tools.clock.Now());
  if (!shown.ok()) {
    return std::nullopt;
  }
  const auto& named = shown->certificate->authority_key_id;
  return named ? named : shown->issuer_key_id;
}

// RV-13: the issuer is asked for where the serial number alone is not enough.
void Find(const Tools& tools, Matters& matters) {
  const auto ask = [&](const std::vector<Matter*>& open, bool with_issuer) {
    std::vector<storage::DeviceQuestion> questions;
    for (const Matter* matter : open) {
      const wire::VoucherRequest& request = matter->heard->request;
      storage::DeviceQuestion& question = questions.emplace_back();
      question.key.tenant_id = matter->heard->tenant->tenant_id();
      question.key.serial_number = request.leaves.serial_number;
      question.request_digest = request.digest;
      if (with_issuer) {
        question.key.idevid_issuer = IssuerOf(tools, *matter);
      }
    }
    if (questions.empty()) {
      return;
    }
    auto found = tools.devices.Find(SharedContext(matters), questions);
    for (size_t i = 0; i < open.size(); ++i) {
      open[i]->found = std::move(found[i]);
    }
  };
  std::vector<Matter*> open, ambiguous;
  for (Matter& matter : matters) {
    if (matter.fate.ok()) {
      open.push_back(&matter);
    }
  }
  ask(open, false);
  std::copy_if(open.begin(), open.end(), std::back_inserter(ambiguous),
               [](const Matter* matter) {
                 return matter->heard->request.leaves.idevid_issuer &&
                        ReasonOf(matter->found.status()) ==
                            Reason::kDeviceAmbiguous;
               });
  ask(ambiguous, true);
}

using Customers = std::vector<const masa::v1::Organization*>;

Customers ThoseWhoAsk(const Customers& customers,
                      masa::v1::RegistrarAuthentication how) {
  Customers found;
  std::copy_if(customers.begin(), customers.end(), std::back_inserter(found),
               [how](const masa::v1::Organization* customer) {
                 return customer->registrar_authentication() == how;
               });
  return found;
}

// One of the customers who ask for anything was shown what it asks for, or none
// asks.
absl::Status CheckShown(const Tools& tools, const Matter& matter,
                        const Customers& customers) {
  absl::Status refusal;
  if (!ThoseWhoAsk(customers, masa::v1::REGISTRAR_AUTHENTICATION_TLS).empty()) {
    const Heard& heard = *matter.heard;
    refusal = voucher::CheckTlsClient(matter.call->tls_peer_chain_der,
                                      heard.request, heard.registrar,
                                      tools.verifier, tools.clock.Now());
    if (refusal.ok()) {
      return refusal;
    }
  }
  const Customers basic =
      ThoseWhoAsk(customers, masa::v1::REGISTRAR_AUTHENTICATION_BASIC);
  if (basic.empty()) {
    return refusal;
  }
  return identity::BasicMatches(matter.call->authorization, basic)
             ? absl::OkStatus()
             : Refuse(Reason::kAuthenticationRequired,
                      "registrars of this customer authenticate with HTTP "
                      "Basic: user or password is missing or wrong");
}

bool AsksForMore(const masa::v1::Organization& customer) {
  const auto how = customer.registrar_authentication();
  return how == masa::v1::REGISTRAR_AUTHENTICATION_TLS ||
         how == masa::v1::REGISTRAR_AUTHENTICATION_BASIC;
}

// What the device's owner asks for, where the domain is the owner's among
// others: anybody may register a CA's certificate that is public, and would
// else say for the owner what its registrars show. `owner` is null for other
// devices and for those that are not there, which are refused alike and with
// the same work (AMB-22).
absl::Status CheckAuthentication(const Tools& tools, const Matter& matter,
                                 const storage::DomainFacts& domain,
                                 const masa::v1::Organization* owner) {
  Customers all;
  for (const masa::v1::Organization& customer : domain.customers) {
    // The owner's users are tried in any case.
    all.insert(&customer == owner ? all.begin() : all.end(), &customer);
  }
  absl::Status shown = CheckShown(tools, matter, all);
  if (owner == nullptr || all.size() == 1) {
    return shown;
  }
  return shown.ok() || !AsksForMore(*owner) ? CheckShown(tools, matter, {owner})
                                            : shown;
}

// RV-16: the fallback value names no issuer that the record could hold; the
// rules compare it with the IDevID.
bool IsFound(const Matter& matter) {
  if (!matter.found.ok()) {
    return false;
  }
  const Heard& heard = *matter.heard;
  const auto& issuer = heard.request.leaves.idevid_issuer;
  const auto& recorded = matter.found->device.idevid_issuer;
  return !issuer || !recorded || *recorded == *issuer ||
         voucher::IsFallbackIssuer(heard.request, heard.prior);
}

// AMB-22, SE-06: that a serial number is shared is told to customers, and where
// anybody may know one of its devices.
absl::Status Ambiguous(const Tools& tools, const Matter& matter,
                       const storage::DomainFacts& domain) {
  if (domain.registered()) {
    return matter.found.status();
  }
  const Heard& heard = *matter.heard;
  const std::string& tenant_id = heard.tenant->tenant_id();
  MASA_ASSIGN_OR_RETURN(
      const std::vector<std::string> products,
      tools.devices.ProductsOf(matter.call->context, tenant_id,
                               heard.request.leaves.serial_number));
  for (const std::string& product_id : products) {
    const auto product = heard.policies->ProductOf(tenant_id, product_id);
    if (product.ok() &&
        (*product)->ownership() != masa::v1::OWNERSHIP_RULE_REQUIRED) {
      return matter.found.status();
    }
  }
  return voucher::DeviceUnknown();
}

absl::Status MeetSubject(const Tools& tools, Matter& matter,
                         const storage::DomainFacts& domain) {
  const Heard& heard = *matter.heard;
  const bool is_found = IsFound(matter);
  MASA_RETURN_IF_ERROR(CheckAuthentication(
      tools, matter, domain,
      is_found ? domain.Find(matter.found->device.organization_id) : nullptr));
  if (!is_found) {
    const Reason reason = matter.found.ok() ? Reason::kDeviceUnknown
                                            : ReasonOf(matter.found.status());
    return reason == Reason::kDeviceUnknown ? voucher::DeviceUnknown()
           : reason == Reason::kDeviceAmbiguous
               ? Ambiguous(tools, matter, domain)
               : matter.found.status();
  }
  Subject& subject = matter.subject.emplace();
  subject.device = *std::move(matter.found);
  subject.claims = domain.claims;
  subject.standing =
      ownership::StandingOf(subject.device, heard.registrar.SpkiHashes(),
                            domain, *heard.tenant, tools.clock.Now());
  return absl::OkStatus();
}

storage::DomainQuestion DomainOf(const Tools& tools, const Heard& heard) {
  storage::DomainQuestion question;
  question.tenant_id = heard.tenant->tenant_id();
  question.spki_sha256 = heard.registrar.SpkiHashes();
  if (heard.tenant->has_registrar_limit()) {
    question.registrar_spki_sha256 = heard.registrar.signer->spki_sha256;
    question.window =
        voucher::RegistrarWindow(*heard.tenant, tools.clock.Now());
  }
  return question;
}

// RV-30: a public CA speaks for nobody below it, but may be blocked with all of
// them.
storage::DomainQuestion AboveDomainOf(const Heard& heard) {
  storage::DomainQuestion question;
  question.tenant_id = heard.tenant->tenant_id();
  for (const wire::Certificate& one : heard.registrar.chain) {
    question.spki_sha256.push_back(one->spki_sha256);
  }
  return question;
}

using Domains = std::vector<absl::StatusOr<storage::DomainFacts>>;

// For each open matter, in order.
Domains DomainsOf(const Tools& tools, Matters& matters) {
  std::vector<storage::DomainQuestion> questions, above;
  std::vector<size_t> of;
  ForEachOpen(matters, [&](const Matter& matter) {
    if (matter.heard->registrar.is_public) {
      of.push_back(questions.size());
      above.push_back(AboveDomainOf(*matter.heard));
    }
    questions.push_back(DomainOf(tools, *matter.heard));
    return absl::OkStatus();
  });
  if (questions.empty()) {
    return {};
  }
  const size_t count = questions.size();
  std::move(above.begin(), above.end(), std::back_inserter(questions));
  Domains domains = tools.catalog.DomainsOf(SharedContext(matters), questions);
  for (size_t i = 0; i < of.size(); ++i) {
    auto& domain = domains[of[i]];
    const auto& over = domains[count + i];
    if (!over.ok()) {
      domain = over.status();
    } else if (domain.ok()) {
      domain->blocked |= over->blocked;
    }
  }
  return domains;
}

}  // namespace

void LookUp(const Tools& tools, Matters& matters) {
  Find(tools, matters);
  // Asked for known and unknown devices alike, so that the work behind both
  // answers is the same (AMB-22).
  const Domains domains = DomainsOf(tools, matters);
  size_t next = 0;
  ForEachOpen(matters, [&](Matter& matter) {
    const auto& domain = domains[next++];
    return domain.ok() ? MeetSubject(tools, matter, *domain) : domain.status();
  });
}

}  // namespace masa::issuance
