// Certificates that are to be signed, as messages. This room's own.
#ifndef SERVICES_SIGNING_REMOTE_CERTIFICATE_MESSAGES_H_
#define SERVICES_SIGNING_REMOTE_CERTIFICATE_MESSAGES_H_

#include "absl/status/statusor.h"
#include "proto/masa/v1/signing.pb.h"
#include "services/wire/certificate_form.h"

namespace masa::signing {

masa::v1::ExpectedCertificate MessageOf(const wire::CertificateForm& form);

// kInvalidArgument for an algorithm that is not known here.
absl::StatusOr<wire::CertificateForm> FormOf(
    const masa::v1::ExpectedCertificate& message);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_REMOTE_CERTIFICATE_MESSAGES_H_
