// The use cases of certificate_desk.h.
#ifndef SERVICES_ISSUANCE_SERVE_CERTIFICATES_H_
#define SERVICES_ISSUANCE_SERVE_CERTIFICATES_H_

#include <string>
#include <vector>

#include "services/issuance/certificate_desk.h"
#include "services/issuance/enroll_certificates.h"

namespace masa::issuance {

class ServeCertificates final : public CertificateDesk {
 public:
  explicit ServeCertificates(const EnrollmentTools& tools) : tools_(tools) {}

  absl::StatusOr<storage::IssuedCertificate> Get(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& serial) override;
  absl::StatusOr<std::vector<storage::IssuedCertificate>> List(
      const RequestContext& context, const identity::Principal& caller,
      const storage::CertificateFilter& filter, const std::string& after,
      int limit) override;
  absl::StatusOr<storage::IssuedCertificate> Revoke(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& serial, int32_t reason, const Once& once) override;
  absl::Status CreateToken(const RequestContext& context,
                           const identity::Principal& caller,
                           const TokenOrder& order, const Once& once) override;

 private:
  const EnrollmentTools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_CERTIFICATES_H_
