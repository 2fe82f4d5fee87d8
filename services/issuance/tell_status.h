// The use case of status_desk.h: tells what was signed ahead (sign_statuses.h)
// while that says what is on record now, and signs else.
#ifndef SERVICES_ISSUANCE_TELL_STATUS_H_
#define SERVICES_ISSUANCE_TELL_STATUS_H_

#include <string>

#include "services/issuance/enroll_certificates.h"
#include "services/issuance/status_desk.h"
#include "services/wire/status_lists.h"

namespace masa::issuance {

class TellStatus final : public StatusDesk {
 public:
  explicit TellStatus(const EnrollmentTools& tools) : tools_(tools) {}

  absl::StatusOr<StatusAnswer> Crl(const RequestContext& context,
                                   const std::string& host,
                                   const std::string& profile) override;
  absl::StatusOr<StatusAnswer> Ocsp(const RequestContext& context,
                                    const std::string& request_der) override;

 private:
  // kKeyUnknown, kSignerUnavailable and what else the key says.
  absl::StatusOr<StatusAnswer> SignNow(
      const RequestContext& context,
      const storage::IssuedCertificate& certificate,
      const wire::OcspQuestion& question);

  const EnrollmentTools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TELL_STATUS_H_
