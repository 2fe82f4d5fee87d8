// What a manufacturer's operators can do with certificates that were issued
// over EST, as use cases. Thread-safe; blocks. Every error carries a reason;
// every change is one audit event.
#ifndef SERVICES_ISSUANCE_CERTIFICATE_DESK_H_
#define SERVICES_ISSUANCE_CERTIFICATE_DESK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"
#include "storage/certificate_store.h"

namespace masa::issuance {

struct TokenOrder {
  std::string profile;
  std::string token_digest;  // SHA-256 of the token
  std::vector<std::string> subjects;
  absl::Time expires_at;
};

class CertificateDesk {
 public:
  virtual ~CertificateDesk() = default;

  // `serial` is the contents of the INTEGER. kCertNotFound.
  virtual absl::StatusOr<storage::IssuedCertificate> Get(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& serial) = 0;

  // As CertificateStore::ListCertificates; the filter's tenant is the caller's.
  virtual absl::StatusOr<std::vector<storage::IssuedCertificate>> List(
      const RequestContext& context, const identity::Principal& caller,
      const storage::CertificateFilter& filter, const std::string& after,
      int limit) = 0;

  // kCertNotFound, kStateNotAllowed when it is revoked already.
  virtual absl::StatusOr<storage::IssuedCertificate> Revoke(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& serial, int32_t reason, const Once& once) = 0;

  // kProfileUnknown; kInvalidArgument for one that ends in over a year, or has
  // ended.
  virtual absl::Status CreateToken(const RequestContext& context,
                                   const identity::Principal& caller,
                                   const TokenOrder& order,
                                   const Once& once) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_CERTIFICATE_DESK_H_
