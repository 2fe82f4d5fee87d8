// Signs what is told of certificates ahead (RFC 6960 section 2.5), many in one
// turn of their CA's key, before anybody asks and before what was said is over.
#ifndef SERVICES_ISSUANCE_SIGN_STATUSES_H_
#define SERVICES_ISSUANCE_SIGN_STATUSES_H_

#include "absl/status/statusor.h"
#include "services/issuance/enroll_certificates.h"

namespace masa::issuance {

class SignStatuses {
 public:
  explicit SignStatuses(const EnrollmentTools& tools) : tools_(tools) {}

  struct Turn {
    int is_signed = 0;
    int failed = 0;        // these come again in some minutes
    absl::Status fault;    // of one that failed
    bool is_full = false;  // more may wait
  };

  // One batch of those whose turn has come. Blocks; thread-safe: two replicas
  // take different ones. kStoreUnavailable.
  absl::StatusOr<Turn> RunTurn(const RequestContext& context);

 private:
  const EnrollmentTools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SIGN_STATUSES_H_
