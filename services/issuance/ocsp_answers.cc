#include "services/issuance/ocsp_answers.h"

#include <map>
#include <utility>

#include "services/enrollment/profile.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/status_lists.h"

namespace masa::issuance {
namespace {

using storage::IssuedCertificate;
using storage::SignedStatus;

// All of one key: what was asked, and what it signs.
struct Turn {
  std::vector<size_t> places;
  std::vector<OcspDraft> drafts;
  std::vector<signing::ToBeSigned> items;
};

absl::Time Second(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

// Of a profile that is gone what a silent one says.
absl::Duration TimeOf(const PolicySnapshot* policies,
                      const IssuedCertificate& certificate) {
  if (policies != nullptr) {
    const auto tenant = policies->TenantNamed(certificate.tenant_id);
    if (tenant.ok()) {
      const auto profile = enrollment::ProfileOf(**tenant, certificate.profile);
      if (profile.ok()) {
        return enrollment::OcspTimeOf(**profile);
      }
    }
  }
  return enrollment::OcspTimeOf({});
}

wire::OcspForm FormOf(const OcspOrder& order, const CaKey& ca, absl::Time now,
                      absl::Duration time) {
  const IssuedCertificate& certificate = order.certificate;
  wire::OcspForm form;
  form.cert_id_der =
      order.cert_id_der.empty()
          ? wire::UsualCertId(ca.certificate->subject_der,
                              ca.certificate->spki_der, certificate.serial)
          : order.cert_id_der;
  form.responder_spki_der = ca.certificate->spki_der;
  form.this_update = Second(now);
  form.next_update = form.this_update + time;
  if (certificate.revoked_at) {
    form.revoked = wire::RevokedCertificate{
        certificate.serial, *certificate.revoked_at,
        static_cast<wire::RevocationReason>(certificate.revocation_reason)};
  }
  return form;
}

void SignTurn(const RequestContext& context, signing::Signer& signer,
              const CaKey& ca, Turn turn,
              std::vector<absl::StatusOr<SignedStatus>>& answers) {
  const auto signatures = signer.Sign(context, ca.key.name, turn.items);
  for (size_t i = 0; i < turn.places.size(); ++i) {
    absl::StatusOr<SignedStatus>& answer = answers[turn.places[i]];
    if (!signatures[i].ok()) {
      answer = signatures[i].status();
      continue;
    }
    answer = StatusOf(std::move(turn.drafts[i]), ca, *signatures[i]);
  }
}

}  // namespace

absl::StatusOr<CaKey> CaOf(const RequestContext& context,
                           signing::Signer& signer,
                           const std::string& version) {
  MASA_ASSIGN_OR_RETURN(signing::KeyDescription key,
                        signer.DescribeVersion(context, version));
  if (key.chain_der.empty()) {
    return Refuse(Reason::kMisconfigured, "the CA's key has no certificate");
  }
  key.name = version;
  MASA_ASSIGN_OR_RETURN(wire::Certificate certificate,
                        wire::Certificate::Parse(key.chain_der.front()));
  return CaKey{std::move(key), std::move(certificate)};
}

OcspDraft DraftFor(const OcspOrder& order, const CaKey& ca, absl::Time now,
                   absl::Duration time) {
  const wire::OcspForm form = FormOf(order, ca, now, time);
  OcspDraft draft;
  draft.status.serial = order.certificate.serial;
  draft.status.cert_id_der = form.cert_id_der;
  draft.status.next_update = form.next_update;
  draft.status.revoked_at = order.certificate.revoked_at;
  draft.status.renew_at =
      form.this_update + (form.next_update - form.this_update) / 2;
  draft.data_der = wire::EncodeOcspData(form);
  return draft;
}

SignedStatus StatusOf(OcspDraft draft, const CaKey& ca,
                      const std::string& signature) {
  draft.status.response_der =
      wire::EncodeOcspResponse(draft.data_der, ca.key.algorithm, signature);
  return std::move(draft.status);
}

std::vector<absl::StatusOr<storage::SignedStatus>> SignAnswers(
    const RequestContext& context, const EnrollmentTools& tools,
    absl::Span<const OcspOrder> orders, absl::Time now) {
  std::vector<absl::StatusOr<SignedStatus>> answers(
      orders.size(), absl::UnknownError("not yet"));
  const auto policies = tools.policies.Current(context);
  std::map<std::string, std::vector<size_t>> by_key;
  for (size_t i = 0; i < orders.size(); ++i) {
    by_key[orders[i].certificate.signing_key].push_back(i);
  }
  for (const auto& [key, places] : by_key) {
    const auto ca = CaOf(context, tools.signer, key);
    Turn turn;
    for (const size_t i : places) {
      if (!ca.ok()) {
        answers[i] = ca.status();
        continue;
      }
      const absl::Duration time = TimeOf(
          policies.ok() ? policies->get() : nullptr, orders[i].certificate);
      turn.places.push_back(i);
      turn.drafts.push_back(DraftFor(orders[i], *ca, now, time));
      turn.items.push_back(turn.drafts.back().Item());
    }
    if (ca.ok()) {
      SignTurn(context, tools.signer, *ca, std::move(turn), answers);
    }
  }
  return answers;
}

}  // namespace masa::issuance
