// Whether certificates of ours still hold, for anybody who asks (RFC 5280
// section 5, RFC 6960): seen from the edge. Implemented by the use case here,
// and by the edge's gRPC client when the authority runs apart. Thread-safe;
// blocks.
#ifndef SERVICES_ISSUANCE_STATUS_DESK_H_
#define SERVICES_ISSUANCE_STATUS_DESK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"

namespace masa::issuance {

struct StatusAnswer {
  std::string der;
  // InfinitePast for a response without an answer, which nobody signed.
  absl::Time next_update = absl::InfinitePast();
};

class StatusDesk {
 public:
  virtual ~StatusDesk() = default;

  // The whole CRL of the CA of the profile of the tenant of this host name.
  // kTenantUnknown, kProfileUnknown, kTooManyItems.
  virtual absl::StatusOr<StatusAnswer> Crl(const RequestContext& context,
                                           const std::string& host,
                                           const std::string& profile) = 0;

  // An OCSP response, also to what is no request and to a certificate that is
  // not known; errors are of the service itself.
  virtual absl::StatusOr<StatusAnswer> Ocsp(const RequestContext& context,
                                            const std::string& request_der) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_STATUS_DESK_H_
