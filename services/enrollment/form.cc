#include "services/enrollment/profile.h"
#include "services/enrollment/rules.h"
#include "services/status/reason.h"

namespace masa::enrollment {

absl::StatusOr<wire::CertificateForm> FormFor(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request, const wire::Certificate& ca,
    SignatureAlgorithm algorithm, const std::string& serial, absl::Time now) {
  if (!ca->is_ca || !ca->subject_key_id) {
    return Refuse(Reason::kMisconfigured,
                  "the signing key of the profile has no certificate of a CA "
                  "with a key identifier");
  }
  wire::CertificateForm form;
  form.serial = serial;
  form.issuer_der = ca->subject_der;
  form.algorithm = algorithm;
  form.authority_key_id = *ca->subject_key_id;
  form.subject_der = request.subject_der;
  form.spki_der = request.spki_der;
  form.not_before = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  form.not_after = EndOf(profile, form.not_before);
  form.masa_url = profile.masa_url();
  form.crl_url = profile.crl_url();
  form.ocsp_url = profile.ocsp_url();
  form.extended_key_usages.assign(profile.extended_key_usages().begin(),
                                  profile.extended_key_usages().end());
  form.dns_names = request.dns_names;
  return form;
}

}  // namespace masa::enrollment
