#include "services/signing/remote/certificate_messages.h"

#include "services/signing/remote/messages.h"
#include "services/status/macros.h"

namespace masa::signing {

masa::v1::ExpectedCertificate MessageOf(const wire::CertificateForm& form) {
  masa::v1::ExpectedCertificate message;
  message.set_serial(form.serial);
  message.set_issuer_der(form.issuer_der);
  message.set_algorithm(MessageOf(form.algorithm));
  message.set_authority_key_id(form.authority_key_id);
  message.set_subject_der(form.subject_der);
  message.set_spki_der(form.spki_der);
  message.mutable_not_before()->set_seconds(
      absl::ToUnixSeconds(form.not_before));
  if (form.not_after != absl::InfiniteFuture()) {
    message.mutable_not_after()->set_seconds(
        absl::ToUnixSeconds(form.not_after));
  }
  message.set_masa_url(form.masa_url);
  message.set_crl_url(form.crl_url);
  message.set_ocsp_url(form.ocsp_url);
  message.mutable_extended_key_usages()->Assign(
      form.extended_key_usages.begin(), form.extended_key_usages.end());
  message.mutable_dns_names()->Assign(form.dns_names.begin(),
                                      form.dns_names.end());
  return message;
}

absl::StatusOr<wire::CertificateForm> FormOf(
    const masa::v1::ExpectedCertificate& message) {
  wire::CertificateForm form;
  MASA_ASSIGN_OR_RETURN(form.algorithm, AlgorithmOf(message.algorithm()));
  form.serial = message.serial();
  form.issuer_der = message.issuer_der();
  form.authority_key_id = message.authority_key_id();
  form.subject_der = message.subject_der();
  form.spki_der = message.spki_der();
  form.not_before = absl::FromUnixSeconds(message.not_before().seconds());
  form.not_after = message.has_not_after()
                       ? absl::FromUnixSeconds(message.not_after().seconds())
                       : absl::InfiniteFuture();
  form.masa_url = message.masa_url();
  form.crl_url = message.crl_url();
  form.ocsp_url = message.ocsp_url();
  form.extended_key_usages.assign(message.extended_key_usages().begin(),
                                  message.extended_key_usages().end());
  form.dns_names.assign(message.dns_names().begin(), message.dns_names().end());
  return form;
}

}  // namespace masa::signing
