#include "services/issuance/tell_status.h"

#include <utility>
#include <vector>

#include "services/enrollment/profile.h"
#include "services/issuance/ca_key.h"
#include "services/issuance/ocsp_answers.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/status_lists.h"
#include "services/wire/x509_write.h"

namespace masa::issuance {
namespace {

// How long a list may be used: a day without the service breaks nobody's.
constexpr absl::Duration kCrlTime = absl::Hours(24);

absl::Time Second(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

wire::RevokedCertificate RevokedOf(const storage::IssuedCertificate& one) {
  return {one.serial, *one.revoked_at,
          static_cast<wire::RevocationReason>(one.revocation_reason)};
}

absl::StatusOr<std::string> SignOne(const RequestContext& context,
                                    signing::Signer& signer,
                                    const std::string& key,
                                    signing::ToBeSigned item) {
  std::vector<signing::ToBeSigned> items;
  items.push_back(std::move(item));
  return signer.Sign(context, key, items).front();
}

StatusAnswer Unsigned(wire::OcspError error) {
  return {wire::EncodeOcspError(error)};
}

}  // namespace

absl::StatusOr<StatusAnswer> TellStatus::Crl(const RequestContext& context,
                                             const std::string& host,
                                             const std::string& profile) {
  MASA_ASSIGN_OR_RETURN(const auto policies, tools_.policies.Current(context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantOfHost(host));
  MASA_ASSIGN_OR_RETURN(const auto* found,
                        enrollment::ProfileOf(*tenant, profile));
  MASA_ASSIGN_OR_RETURN(const CaKey ca,
                        CaKeyOf(context, tools_.signer, found->signing_key()));
  const absl::Time now = tools_.clock.Now();
  // RFC 5280 section 3.3: a list of after its end has each of them still, for
  // whoever fetches one in this time.
  MASA_ASSIGN_OR_RETURN(const auto revoked,
                        tools_.certificates.ListRevoked(
                            context, tenant->tenant_id(),
                            *ca.certificate->subject_key_id, now - kCrlTime));
  wire::CrlForm form;
  form.issuer_der = ca.certificate->subject_der;
  form.authority_key_id = *ca.certificate->subject_key_id;
  form.algorithm = ca.key.algorithm;
  // Grows on all replicas alike, and nobody counts.
  form.number = static_cast<uint64_t>(absl::ToUnixMillis(now));
  form.this_update = Second(now);
  form.next_update = form.this_update + kCrlTime;
  for (const storage::IssuedCertificate& one : revoked) {
    form.revoked.push_back(RevokedOf(one));
  }
  const std::string tbs_der = wire::EncodeTbsCrl(form);
  MASA_ASSIGN_OR_RETURN(const std::string signature,
                        SignOne(context, tools_.signer, ca.key.name,
                                signing::ToBeSigned::Crl(tbs_der)));
  return StatusAnswer{wire::SignedDer(tbs_der, ca.key.algorithm, signature),
                      form.next_update};
}

absl::StatusOr<StatusAnswer> TellStatus::Ocsp(const RequestContext& context,
                                              const std::string& request_der) {
  const auto question = wire::ParseOcspRequest(request_der);
  if (!question.ok()) {
    return Unsigned(wire::OcspError::kMalformedRequest);
  }
  const auto found = tools_.statuses.FindStatus(context, question->serial);
  if (!found.ok()) {
    // RFC 5019 section 2.2.3: nobody makes us sign for what we never issued.
    return ReasonOf(found.status()) == Reason::kCertNotFound
               ? absl::StatusOr<StatusAnswer>(
                     Unsigned(wire::OcspError::kUnauthorized))
               : found.status();
  }
  const auto& ahead = found->signed_ahead;
  if (ahead && ahead->cert_id_der == question->cert_id_der &&
      tools_.clock.Now() < ahead->next_update) {
    return StatusAnswer{ahead->response_der, ahead->next_update};
  }
  return SignNow(context, found->certificate, *question);
}

absl::StatusOr<StatusAnswer> TellStatus::SignNow(
    const RequestContext& context,
    const storage::IssuedCertificate& certificate,
    const wire::OcspQuestion& question) {
  MASA_ASSIGN_OR_RETURN(const CaKey ca,
                        CaOf(context, tools_.signer, certificate.signing_key));
  const std::string& name_der = ca.certificate->subject_der;
  const std::string& spki_der = ca.certificate->spki_der;
  if (!question.IsOfIssuer(name_der, spki_der)) {
    return Unsigned(wire::OcspError::kUnauthorized);
  }
  MASA_ASSIGN_OR_RETURN(
      storage::SignedStatus made,
      SignAnswers(context, tools_, {{certificate, question.cert_id_der}},
                  tools_.clock.Now())
          .front());
  if (made.cert_id_der ==
      wire::UsualCertId(name_der, spki_der, certificate.serial)) {
    // Where it cannot be kept, it is good for who asked all the same.
    tools_.statuses.KeepStatuses(context, {made}).IgnoreError();
  }
  return StatusAnswer{std::move(made.response_der), made.next_update};
}

}  // namespace masa::issuance
