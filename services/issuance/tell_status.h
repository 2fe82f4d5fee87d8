// The use case of status_desk.h: signs what is on record now.
#ifndef SERVICES_ISSUANCE_TELL_STATUS_H_
#define SERVICES_ISSUANCE_TELL_STATUS_H_

#include <string>

#include "services/issuance/enroll_certificates.h"
#include "services/issuance/status_desk.h"

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
  const EnrollmentTools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TELL_STATUS_H_
