#include "services/issuance/answer_registrar.h"

#include <algorithm>
#include <map>
#include <utility>

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

// Runs `step` for every request that nothing has refused yet.
template <typename Matters, typename Step>
void ForEachOpen(Matters& matters, const Step& step) {
  for (auto& matter : matters) {
    if (matter.fate.ok()) {
      matter.fate.Update(step(matter));
    }
  }
}

// What a statement for several requests carries: it is worth its work while
// anybody waits for it.
template <typename Matters>
RequestContext SharedContext(const Matters& matters) {
  RequestContext shared;
  shared.deadline = absl::InfinitePast();
  int others = -1;
  for (const auto& matter : matters) {
    if (!matter.fate.ok()) {
      continue;
    }
    const RequestContext& context = matter.call->context;
    if (++others == 0) {
      shared.request_id = context.request_id;
      shared.traceparent = context.traceparent;
    }
    shared.deadline = std::max(shared.deadline, context.deadline);
  }
  if (others > 0) {
    absl::StrAppend(&shared.request_id, "+", others);
  }
  return shared;
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

absl::Status AnswerRegistrar::Begin(Matter& matter, absl::Time now) {
  if (now >= matter.call->context.deadline) {
    return Refuse(Reason::kDeadlineExceeded,
                  "the call's deadline passed before it was begun");
  }
  // EP-36: of a voucher's answer only; the audit log is application/json.
  MASA_RETURN_IF_ERROR(wire::FormatsOfAccept(matter.call->accept,
                                             masa::v1::FORMAT_CMS_JSON, true)
                           .status());
  MASA_ASSIGN_OR_RETURN(matter.heard, Hear(*matter.call, now));
  return absl::OkStatus();
}

// RV-13: the issuer is asked for where the serial number alone is not enough.
void AnswerRegistrar::Find(Matters& matters) {
  const auto ask = [&](const std::vector<Matter*>& open, bool with_issuer) {
    std::vector<storage::DeviceQuestion> questions;
    for (const Matter* matter : open) {
      const wire::VoucherRequest& request = matter->heard->request;
      storage::DeviceQuestion& question = questions.emplace_back();
      question.key.tenant_id = matter->heard->tenant->tenant_id();
      question.key.serial_number = request.leaves.serial_number;
      question.request_digest = request.digest;
      if (with_issuer) {
        question.key.idevid_issuer = request.leaves.idevid_issuer;
      }
    }
    if (questions.empty()) {
      return;
    }
    auto found = tools_.devices.Find(SharedContext(matters), questions);
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

absl::Status AnswerRegistrar::MeetSubject(Matter& matter,
                                          const storage::DomainFacts& domain) {
  const Heard& heard = *matter.heard;
  MASA_RETURN_IF_ERROR(CheckAuthentication(*matter.call, heard, domain));
  if (!matter.found.ok()) {
    return ReasonOf(matter.found.status()) == Reason::kDeviceUnknown
               ? voucher::DeviceUnknown()
               : matter.found.status();
  }
  Subject& subject = matter.subject.emplace();
  subject.device = *std::move(matter.found);
  // RV-16: the fallback value names no issuer that the record could hold; the
  // rules compare it with the IDevID.
  const auto& issuer = heard.request.leaves.idevid_issuer;
  const auto& recorded = subject.device.device.idevid_issuer;
  if (issuer && recorded && *recorded != *issuer &&
      !voucher::IsFallbackIssuer(heard.request, heard.prior)) {
    return voucher::DeviceUnknown();
  }
  subject.claims = domain.claims;
  subject.standing = ownership::StandingOf(
      subject.device, heard.registrar.SpkiHashes(), domain);
  return absl::OkStatus();
}

absl::Status AnswerRegistrar::MeetProduct(Matter& matter) {
  MASA_ASSIGN_OR_RETURN(matter.product,
                        matter.heard->policies->ProductOf(
                            matter.heard->tenant->tenant_id(),
                            matter.subject->device.device.product_id));
  return absl::OkStatus();
}

void AnswerRegistrar::LookUp(Matters& matters) {
  Find(matters);
  // Asked for known and unknown devices alike, so that the work behind both
  // answers is the same (AMB-22).
  std::vector<storage::DomainQuestion> questions;
  ForEachOpen(matters, [&](const Matter& matter) {
    const Heard& heard = *matter.heard;
    storage::DomainQuestion& question = questions.emplace_back();
    question.tenant_id = heard.tenant->tenant_id();
    question.spki_sha256 = heard.registrar.SpkiHashes();
    if (heard.tenant->has_registrar_limit()) {
      question.registrar_spki_sha256 = heard.registrar.signer->spki_sha256;
      question.window =
          voucher::RegistrarWindow(*heard.tenant, tools_.clock.Now());
    }
    return absl::OkStatus();
  });
  if (questions.empty()) {
    return;
  }
  const auto domains =
      tools_.catalog.DomainsOf(SharedContext(matters), questions);
  size_t next = 0;
  ForEachOpen(matters, [&](Matter& matter) {
    const auto& domain = domains[next++];
    return domain.ok() ? MeetSubject(matter, *domain) : domain.status();
  });
}

absl::StatusOr<AnswerRegistrar::History> AnswerRegistrar::ReadHistory(
    const Matter& matter) {
  const storage::Device& device = matter.subject->device.device;
  return tools_.log.ListForDevice(matter.call->context, device.bucket,
                                  device.device_id, kMostEvents);
}

absl::StatusOr<voucher::OwnChains> AnswerRegistrar::ReadOwnChains(
    const Matter& matter) {
  voucher::OwnChains chains;
  if (!MayHoldOldVoucher(matter.heard->prior) ||
      !MayKnow(*matter.product, matter.subject->standing)) {
    return chains;
  }
  for (const std::string& name : voucher::SigningKeysOf(*matter.product)) {
    MASA_ASSIGN_OR_RETURN(signing::KeyDescription key,
                          tools_.signer.Describe(matter.call->context, name));
    chains.push_back(std::move(key.chain_der));
  }
  return chains;
}

absl::StatusOr<voucher::Verdict> AnswerRegistrar::Judge(const Matter& matter,
                                                        absl::Time now) {
  const Heard& heard = *matter.heard;
  const Subject& subject = *matter.subject;
  absl::StatusOr<History> history{History()};
  if (NeedsHistory(heard.request, *matter.product, subject.standing)) {
    MASA_ASSIGN_OR_RETURN(history, ReadHistory(matter));
  }
  MASA_ASSIGN_OR_RETURN(const voucher::OwnChains own_chains,
                        ReadOwnChains(matter));
  return voucher::Judge(
      {heard.request, heard.prior, heard.registrar, *heard.tenant,
       *matter.product, subject.device, subject.standing, now, *history,
       own_chains, !matter.call->tls_peer_chain_der.empty(),
       heard.reception.forgiven, heard.revocation},
      tools_.verifier);
}

absl::Status AnswerRegistrar::CheckReuse(Matter& matter) {
  voucher::Verdict& verdict = *matter.verdict;
  const masa::v1::Assertion assertion = verdict.voucher.assertion;
  if (verdict.prior_digest.empty() ||
      assertion == masa::v1::ASSERTION_PROXIMITY ||
      assertion == masa::v1::ASSERTION_AGENT_PROXIMITY) {
    return absl::OkStatus();
  }
  const voucher::Registrar& registrar = matter.heard->registrar;
  MASA_ASSIGN_OR_RETURN(const History history, ReadHistory(matter));
  if (voucher::IsClaimedByAnother(history, registrar)) {
    matter.alerts.push_back(Alert::kClaimedByAnotherDomain);
  }
  if (!voucher::IsReused(verdict.prior_digest, history, registrar)) {
    return absl::OkStatus();
  }
  if (matter.product->ownership() == masa::v1::OWNERSHIP_RULE_REQUIRED) {
    return Refuse(Reason::kPriorSignedInvalid,
                  "another domain got a voucher with this very request of the "
                  "pledge's; the pledge makes a new one");
  }
  matter.alerts.push_back(Alert::kPriorReused);
  verdict.voucher.assertion = masa::v1::ASSERTION_LOGGED;
  return absl::OkStatus();
}

absl::Status AnswerRegistrar::Decide(Matter& matter, absl::Time now) {
  MASA_RETURN_IF_ERROR(MeetProduct(matter));
  MASA_ASSIGN_OR_RETURN(voucher::Verdict verdict, Judge(matter, now));
  MASA_RETURN_IF_ERROR(CheckFormat(
      *matter.call, matter.heard->request.artifact.format, *matter.product));
  // RV-24, AL-28: the same request gets the same voucher while it is good.
  auto& previous = matter.subject->device.previous;
  if (StillGood(previous, now)) {
    matter.voucher = std::move(previous->voucher);
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(voucher::CheckRegistrarLimit(
      *matter.heard->tenant, matter.subject->claims, now));
  matter.verdict = std::move(verdict);
  MASA_RETURN_IF_ERROR(CheckReuse(matter));
  return CheckApproved(matter.call->context, *matter.product,
                       ClaimOf(matter.subject->device.device, *matter.verdict,
                               matter.heard->request.digest, now),
                       tools_.claims);
}

// Those that one key signs in one form are signed in one turn.
void AnswerRegistrar::Sign(Matters& matters) {
  using Form = std::shared_ptr<const wire::VoucherTemplate>;
  std::map<std::pair<std::string, Form>, std::vector<Matter*>> turns;
  ForEachOpen(matters, [&](Matter& matter) {
    if (!matter.verdict) {
      return absl::OkStatus();
    }
    const std::string& key = matter.verdict->signing_key;
    MASA_ASSIGN_OR_RETURN(
        Form form, tools_.templates.For(matter.call->context, key,
                                        matter.heard->request.artifact.format,
                                        *matter.product));
    turns[{key, std::move(form)}].push_back(&matter);
    return absl::OkStatus();
  });
  const RequestContext context = SharedContext(matters);
  for (auto& [turn, of] : turns) {
    std::vector<wire::Voucher> vouchers;
    for (const Matter* matter : of) {
      vouchers.push_back(matter->verdict->voucher);
    }
    auto made = MakeVouchers(context, vouchers, *turn.second, tools_.signer,
                             turn.first);
    for (size_t i = 0; i < of.size(); ++i) {
      if (made[i].ok()) {
        of[i]->voucher = *std::move(made[i]);
      } else {
        of[i]->fate = made[i].status();
      }
    }
  }
}

storage::IssuedVoucher AnswerRegistrar::RecordFor(Matter& matter,
                                                  absl::Time now) {
  const Heard& heard = *matter.heard;
  const voucher::Verdict& verdict = *matter.verdict;
  const auto& previous = matter.subject->device.previous;
  storage::IssuedVoucher issued = RecordOf(
      verdict.voucher, matter.subject->device.device, verdict.pin, now);
  issued.request_digest = heard.request.digest;
  issued.generation = previous ? previous->generation + 1 : 0;
  issued.format = heard.request.artifact.format;
  issued.voucher = std::move(matter.voucher);
  issued.signing_key = verdict.signing_key;
  issued.prior_digest = verdict.prior_digest;
  const std::string& registrar = heard.registrar.signer->spki_sha256;
  issued.actor = absl::StrCat("registrar:", absl::BytesToHexString(registrar));
  issued.request_id = matter.call->context.request_id;
  if (heard.tenant->has_registrar_limit()) {
    issued.registrar_spki_sha256 = registrar;
    issued.claim_window = voucher::RegistrarWindow(*heard.tenant, now);
  }
  return issued;
}

void AnswerRegistrar::Commit(Matters& matters, absl::Time now) {
  std::vector<storage::IssuedVoucher> records;
  std::vector<Matter*> of;
  ForEachOpen(matters, [&](Matter& matter) {
    if (matter.verdict) {
      records.push_back(RecordFor(matter, now));
      of.push_back(&matter);
    }
    return absl::OkStatus();
  });
  if (records.empty()) {
    return;
  }
  auto committed = tools_.log.Commit(SharedContext(matters), records);
  // If the process stops here the vouchers are stored and were never released;
  // the registrars' retries find them.
  for (size_t i = 0; i < of.size(); ++i) {
    if (committed[i].ok()) {
      of[i]->voucher = std::move(committed[i]->voucher.voucher);
    } else {
      of[i]->fate = committed[i].status();
    }
  }
}

absl::StatusOr<RegistrarAnswer> AnswerRegistrar::AnswerOf(Matter& matter) {
  MASA_RETURN_IF_ERROR(matter.fate);
  const wire::Reception& reception = matter.heard->reception;
  return RegistrarAnswer{
      wire::AnswerTypeFor(reception, matter.call->content_type),
      wire::AnswerBodyFor(reception, std::move(matter.voucher)),
      std::move(matter.alerts)};
}

void AnswerRegistrar::RequestVouchers(std::vector<PendingCall> calls) {
  const absl::Time now = tools_.clock.Now();
  Matters matters(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    matters[i].call = &calls[i].call;
  }
  ForEachOpen(matters, [&](Matter& matter) { return Begin(matter, now); });
  LookUp(matters);
  ForEachOpen(matters, [&](Matter& matter) { return Decide(matter, now); });
  Sign(matters);
  Commit(matters, now);
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].respond(AnswerOf(matters[i]));
  }
}

absl::StatusOr<RegistrarAnswer> AnswerRegistrar::RequestAuditLog(
    const RegistrarCall& call) {
  Matters matters(1);
  Matter& matter = matters.front();
  matter.call = &call;
  MASA_ASSIGN_OR_RETURN(matter.heard, Hear(call, tools_.clock.Now()));
  LookUp(matters);
  if (!matter.fate.ok()) {
    const Reason reason = ReasonOf(matter.fate);
    return reason == Reason::kDeviceUnknown ||
                   reason == Reason::kDeviceAmbiguous
               ? AuditLogUnknown()
               : matter.fate;
  }
  MASA_ASSIGN_OR_RETURN(const History events, ReadHistory(matter));
  const voucher::Registrar& registrar = matter.heard->registrar;
  const bool is_reader =
      matter.subject->standing.is_owner ||
      std::any_of(events.begin(), events.end(), [&](const auto& event) {
        return voucher::IssuedTo(event, registrar);
      });
  if (events.empty() || !is_reader) {
    return AuditLogUnknown();
  }
  MASA_RETURN_IF_ERROR(MeetProduct(matter));
  MASA_RETURN_IF_ERROR(voucher::CheckForgiven(matter.heard->reception.forgiven,
                                              matter.product->compatibility()));
  // A list of the greatest length may have more behind it: as many as the
  // counter says, which sticks there.
  constexpr uint64_t kSticks = 1024;
  const uint64_t unread = events.size() == kMostEvents ? kSticks : 0;
  return RegistrarAnswer{
      "application/json",
      wire::EncodeAuditLogJson(ViewOf(events, *matter.product, unread))};
}

}  // namespace masa::issuance
