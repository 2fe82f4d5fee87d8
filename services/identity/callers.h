// Who is behind a client certificate: a table from the names in it to a
// Principal. Immutable and thread-safe.
#ifndef SERVICES_IDENTITY_CALLERS_H_
#define SERVICES_IDENTITY_CALLERS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/config.pb.h"
#include "services/identity/principal.h"

namespace masa::identity {

class Callers {
 public:
  // kMisconfigured for an unknown role, a name given twice, an operator
  // without tenant or a customer without organisation.
  static absl::StatusOr<Callers> Create(
      const google::protobuf::RepeatedPtrField<masa::v1::Caller>& callers);

  // The first of `names` that is known. kUnauthenticated when none is.
  absl::StatusOr<Principal> Identify(
      const std::vector<std::string>& names) const;

 private:
  std::map<std::string, Principal> callers_;
};

}  // namespace masa::identity

#endif  // SERVICES_IDENTITY_CALLERS_H_
