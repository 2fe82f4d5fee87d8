#include "services/issuance/answer_registrar.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/identity/basic.h"
#include "services/issuance/approval.h"
#include "services/issuance/audit_log_view.h"
#include "services/issuance/voucher_record.h"
#include "services/ownership/standing.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/revocation.h"
#include "services/wire/audit_log_json.h"
#include "services/wire/media_type.h"

namespace masa::issuance {
namespace {

// One answer for a log that is not there and one that is not the caller's
// (EP-53).
absl::Status AuditLogUnknown() {
  return Refuse(Reason::kAuditLogUnknown,
                "there is no audit log of this device for this registrar");
}

// AMB-02, EP-22: the voucher comes in the request's format, which the pledge
// must understand and the registrar must accept.
absl::Status CheckFormat(const RegistrarCall& call, masa::v1::Format format,
                         const masa::v1::Product& product) {
  MASA_ASSIGN_OR_RETURN(
      const auto accepted,
      wire::FormatsOfAccept(call.accept, format, product.compatibility()));
  const auto has = [format](const auto& formats) {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  };
  if (!has(product.formats()) || !has(accepted)) {
    return Refuse(Reason::kFormatNotForDevice,
                  "devices of this product do not understand the format that "
                  "was asked for");
  }
  return absl::OkStatus();
}

bool StillGood(const std::optional<storage::IssuedVoucher>& previous,
               absl::Time now) {
  return previous && previous->IsKept() &&
         (!previous->expires_on || *previous->expires_on > now);
}

constexpr int kMostEvents = 1000;

// False for a stranger to whom the device is as good as unknown: for such no
// work is done that an unknown device would not cause (AMB-22).
bool MayKnow(const masa::v1::Product& product,
             const storage::OwnershipStanding& standing) {
  return standing.registered_domain ||
         product.ownership() != masa::v1::OWNERSHIP_RULE_REQUIRED;
}

// Whether a rule looks at the device's earlier vouchers.
bool NeedsHistory(const wire::VoucherRequest& request,
                  const masa::v1::Product& product,
                  const storage::OwnershipStanding& standing) {
  const bool renewal = !request.leaves.nonce && !standing.owner_recorded;
  return MayKnow(product, standing) &&
         (renewal || product.has_claim_interval() ||
          product.ownership() == masa::v1::OWNERSHIP_RULE_FIRST_CLAIM);
}

bool MayHoldOldVoucher(const voucher::MaybePrior& prior) {
  return prior && prior->ok() &&
         (*prior)->leaves.top_key == wire::TopKey::kVoucher;
}

}  // namespace

absl::StatusOr<AnswerRegistrar::Heard> AnswerRegistrar::Hear(
    const RegistrarCall& call, absl::Time now) {
  MASA_ASSIGN_OR_RETURN(auto policies, tools_.policies.Current(call.context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantOfHost(call.host));
  const bool forgives = policies->TenantForgives(tenant->tenant_id());
  MASA_ASSIGN_OR_RETURN(wire::Reception reception,
                        wire::Receive(call.content_type, call.body, forgives));
  if (!policies->TenantTakes(tenant->tenant_id(), reception.format)) {
    return Refuse(Reason::kMediaTypeUnknown,
                  "no device of this manufacturer uses this media type");
  }
  MASA_ASSIGN_OR_RETURN(
      wire::VoucherRequest request,
      wire::ParseVoucherRequest(reception.format, reception.artifact));
  reception.forgiven.path = call.fossil_path;
  reception.forgiven.top_key =
      request.leaves.top_key != wire::TopKey::kVoucherRequest;
  MASA_RETURN_IF_ERROR(voucher::CheckForgiven(reception.forgiven, forgives));
  MASA_ASSIGN_OR_RETURN(voucher::Registrar registrar,
                        voucher::CheckRegistrar(request, tools_.verifier, now));
  MASA_ASSIGN_OR_RETURN(
      voucher::RevocationState revocation,
      voucher::CheckNotRevoked(registrar, request.artifact.evidence,
                               call.evidence, tools_.verifier, now));
  voucher::MaybePrior prior = voucher::ReadPrior(request);
  return Heard{std::move(reception),
               std::move(request),
               std::move(prior),
               std::move(registrar),
               std::move(revocation),
               std::move(policies),
               tenant};
}

absl::StatusOr<storage::DeviceAnswer> AnswerRegistrar::Find(
    const RegistrarCall& call, const Heard& heard) {
  const auto& issuer = heard.request.leaves.idevid_issuer;
  storage::DeviceQuestion question;
  question.key.tenant_id = heard.tenant->tenant_id();
  question.key.serial_number = heard.request.leaves.serial_number;
  question.request_digest = heard.request.digest;
  auto found = tools_.devices.Find(call.context, {question});
  // RV-13: the issuer is asked for where the serial number alone is not enough.
  if (issuer && ReasonOf(found.front().status()) == Reason::kDeviceAmbiguous) {
    question.key.idevid_issuer = issuer;
    return std::move(tools_.devices.Find(call.context, {question}).front());
  }
  // RV-16: the fallback value names no issuer that the record could hold; the
  // rules compare it with the IDevID.
  if (issuer && found.front().ok() && found.front()->device.idevid_issuer &&
      *found.front()->device.idevid_issuer != *issuer &&
      !voucher::IsFallbackIssuer(heard.request, heard.prior)) {
    return voucher::DeviceUnknown();
  }
  return std::move(found.front());
}

absl::Status AnswerRegistrar::CheckAuthentication(
    const RegistrarCall& call, const Heard& heard,
    const storage::DomainFacts& domain) {
  if (!domain.customer) {
    return absl::OkStatus();
  }
  switch (domain.customer->registrar_authentication()) {
    case masa::v1::REGISTRAR_AUTHENTICATION_BASIC:
      return identity::BasicMatches(call.authorization, *domain.customer)
                 ? absl::OkStatus()
                 : Refuse(Reason::kAuthenticationRequired,
                          "registrars of this customer authenticate with HTTP "
                          "Basic: user or password is missing or wrong");
    case masa::v1::REGISTRAR_AUTHENTICATION_TLS:
      return voucher::CheckTlsClient(call.tls_peer_chain_der, heard.request,
                                     heard.registrar, tools_.verifier,
                                     tools_.clock.Now());
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<AnswerRegistrar::Subject> AnswerRegistrar::LookUp(
    const RegistrarCall& call, const Heard& heard) {
  auto found = Find(call, heard);
  const auto hashes = heard.registrar.SpkiHashes();
  // Asked for known and unknown devices alike, so that the work behind both
  // answers is the same (AMB-22).
  storage::DomainQuestion question{heard.tenant->tenant_id(), hashes};
  if (heard.tenant->has_registrar_limit()) {
    question.registrar_spki_sha256 = heard.registrar.signer->spki_sha256;
    question.window =
        voucher::RegistrarWindow(*heard.tenant, tools_.clock.Now());
  }
  MASA_ASSIGN_OR_RETURN(
      const storage::DomainFacts domain,
      tools_.catalog.DomainsOf(call.context, {question}).front());
  MASA_RETURN_IF_ERROR(CheckAuthentication(call, heard, domain));
  if (!found.ok()) {
    return ReasonOf(found.status()) == Reason::kDeviceUnknown
               ? voucher::DeviceUnknown()
               : found.status();
  }
  Subject subject{*std::move(found), {}, domain.claims};
  subject.standing = ownership::StandingOf(subject.device, hashes, domain);
  return subject;
}

absl::StatusOr<AnswerRegistrar::History> AnswerRegistrar::ReadHistory(
    const RegistrarCall& call, const Subject& subject) {
  const storage::Device& device = subject.device.device;
  return tools_.log.ListForDevice(call.context, device.bucket, device.device_id,
                                  kMostEvents);
}

absl::StatusOr<voucher::OwnChains> AnswerRegistrar::ReadOwnChains(
    const RegistrarCall& call, const Heard& heard, const Subject& subject,
    const masa::v1::Product& product) {
  voucher::OwnChains chains;
  if (!MayHoldOldVoucher(heard.prior) || !MayKnow(product, subject.standing)) {
    return chains;
  }
  for (const std::string& name : voucher::SigningKeysOf(product)) {
    MASA_ASSIGN_OR_RETURN(signing::KeyDescription key,
                          tools_.signer.Describe(call.context, name));
    chains.push_back(std::move(key.chain_der));
  }
  return chains;
}

absl::StatusOr<voucher::Verdict> AnswerRegistrar::Decide(
    const RegistrarCall& call, const Heard& heard, const Subject& subject,
    const masa::v1::Product& product, absl::Time now) {
  absl::StatusOr<History> history{History()};
  if (NeedsHistory(heard.request, product, subject.standing)) {
    MASA_ASSIGN_OR_RETURN(history, ReadHistory(call, subject));
  }
  MASA_ASSIGN_OR_RETURN(const voucher::OwnChains own_chains,
                        ReadOwnChains(call, heard, subject, product));
  return voucher::Judge(
      {heard.request, heard.prior, heard.registrar, *heard.tenant, product,
       subject.device, subject.standing, now, *history, own_chains,
       !call.tls_peer_chain_der.empty(), heard.reception.forgiven,
       heard.revocation},
      tools_.verifier);
}

absl::StatusOr<std::vector<Alert>> AnswerRegistrar::CheckReuse(
    const RegistrarCall& call, const Heard& heard, const Subject& subject,
    const masa::v1::Product& product, voucher::Verdict* verdict) {
  std::vector<Alert> alerts;
  const masa::v1::Assertion assertion = verdict->voucher.assertion;
  if (verdict->prior_digest.empty() ||
      assertion == masa::v1::ASSERTION_PROXIMITY ||
      assertion == masa::v1::ASSERTION_AGENT_PROXIMITY) {
    return alerts;
  }
  MASA_ASSIGN_OR_RETURN(const History history, ReadHistory(call, subject));
  if (voucher::IsClaimedByAnother(history, heard.registrar)) {
    alerts.push_back(Alert::kClaimedByAnotherDomain);
  }
  if (!voucher::IsReused(verdict->prior_digest, history, heard.registrar)) {
    return alerts;
  }
  if (product.ownership() == masa::v1::OWNERSHIP_RULE_REQUIRED) {
    return Refuse(Reason::kPriorSignedInvalid,
                  "another domain got a voucher with this very request of the "
                  "pledge's; the pledge makes a new one");
  }
  alerts.push_back(Alert::kPriorReused);
  verdict->voucher.assertion = masa::v1::ASSERTION_LOGGED;
  return alerts;
}

absl::StatusOr<std::string> AnswerRegistrar::Issue(
    const RegistrarCall& call, const Heard& heard, const Subject& subject,
    const masa::v1::Product& product, const voucher::Verdict& verdict,
    absl::Time now) {
  MASA_ASSIGN_OR_RETURN(
      const auto form,
      tools_.templates.For(call.context, verdict.signing_key,
                           heard.request.artifact.format, product));
  auto made = MakeVouchers(call.context, {verdict.voucher}, *form,
                           tools_.signer, verdict.signing_key);
  MASA_RETURN_IF_ERROR(made.front().status());
  storage::IssuedVoucher issued =
      RecordOf(verdict.voucher, subject.device.device, verdict.pin, now);
  issued.request_digest = heard.request.digest;
  issued.generation =
      subject.device.previous ? subject.device.previous->generation + 1 : 0;
  issued.format = heard.request.artifact.format;
  issued.voucher = *std::move(made.front());
  issued.signing_key = verdict.signing_key;
  issued.prior_digest = verdict.prior_digest;
  issued.actor =
      absl::StrCat("registrar:",
                   absl::BytesToHexString(heard.registrar.signer->spki_sha256));
  issued.request_id = call.context.request_id;
  if (heard.tenant->has_registrar_limit()) {
    issued.registrar_spki_sha256 = heard.registrar.signer->spki_sha256;
    issued.claim_window = voucher::RegistrarWindow(*heard.tenant, now);
  }
  auto committed = tools_.log.Commit(call.context, {issued});
  // If the process stops here the voucher is stored and was never released;
  // the registrar's retry finds it.
  MASA_RETURN_IF_ERROR(committed.front().status());
  return std::move(committed.front()->voucher.voucher);
}

absl::StatusOr<RegistrarAnswer> AnswerRegistrar::RequestVoucher(
    const RegistrarCall& call) {
  const absl::Time now = tools_.clock.Now();
  // EP-36: of a voucher's answer only; the audit log is application/json.
  MASA_RETURN_IF_ERROR(
      wire::FormatsOfAccept(call.accept, masa::v1::FORMAT_CMS_JSON, true)
          .status());
  MASA_ASSIGN_OR_RETURN(const Heard heard, Hear(call, now));
  MASA_ASSIGN_OR_RETURN(const Subject subject, LookUp(call, heard));
  MASA_ASSIGN_OR_RETURN(
      const masa::v1::Product* product,
      heard.policies->ProductOf(heard.tenant->tenant_id(),
                                subject.device.device.product_id));
  MASA_ASSIGN_OR_RETURN(voucher::Verdict verdict,
                        Decide(call, heard, subject, *product, now));
  MASA_RETURN_IF_ERROR(
      CheckFormat(call, heard.request.artifact.format, *product));
  const std::string content_type =
      wire::AnswerTypeFor(heard.reception, call.content_type);
  // RV-24, AL-28: the same request gets the same voucher while it is good.
  if (StillGood(subject.device.previous, now)) {
    return RegistrarAnswer{
        content_type,
        wire::AnswerBodyFor(heard.reception, subject.device.previous->voucher)};
  }
  MASA_RETURN_IF_ERROR(
      voucher::CheckRegistrarLimit(*heard.tenant, subject.claims, now));
  MASA_ASSIGN_OR_RETURN(std::vector<Alert> alerts,
                        CheckReuse(call, heard, subject, *product, &verdict));
  MASA_RETURN_IF_ERROR(CheckApproved(
      call.context, *product,
      ClaimOf(subject.device.device, verdict, heard.request.digest, now),
      tools_.claims));
  MASA_ASSIGN_OR_RETURN(std::string voucher,
                        Issue(call, heard, subject, *product, verdict, now));
  return RegistrarAnswer{
      content_type, wire::AnswerBodyFor(heard.reception, std::move(voucher)),
      std::move(alerts)};
}

absl::StatusOr<RegistrarAnswer> AnswerRegistrar::RequestAuditLog(
    const RegistrarCall& call) {
  MASA_ASSIGN_OR_RETURN(const Heard heard, Hear(call, tools_.clock.Now()));
  const auto subject = LookUp(call, heard);
  if (!subject.ok()) {
    const Reason reason = ReasonOf(subject.status());
    return reason == Reason::kDeviceUnknown ||
                   reason == Reason::kDeviceAmbiguous
               ? AuditLogUnknown()
               : subject.status();
  }
  MASA_ASSIGN_OR_RETURN(const History events, ReadHistory(call, *subject));
  const bool is_reader =
      subject->standing.is_owner ||
      std::any_of(events.begin(), events.end(), [&heard](const auto& event) {
        return voucher::IssuedTo(event, heard.registrar);
      });
  if (events.empty() || !is_reader) {
    return AuditLogUnknown();
  }
  MASA_ASSIGN_OR_RETURN(
      const masa::v1::Product* product,
      heard.policies->ProductOf(heard.tenant->tenant_id(),
                                subject->device.device.product_id));
  MASA_RETURN_IF_ERROR(voucher::CheckForgiven(heard.reception.forgiven,
                                              product->compatibility()));
  // A list of the greatest length may have more behind it: as many as the
  // counter says, which sticks there.
  constexpr uint64_t kSticks = 1024;
  const uint64_t unread = events.size() == kMostEvents ? kSticks : 0;
  return RegistrarAnswer{"application/json", wire::EncodeAuditLogJson(ViewOf(
                                                 events, *product, unread))};
}

}  // namespace masa::issuance
