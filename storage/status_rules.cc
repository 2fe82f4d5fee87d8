#include "storage/status_rules.h"

#include <set>

#include "absl/strings/string_view.h"
#include "services/status/reason.h"
#include "storage/certificate_rules.h"

namespace masa::storage {

absl::Status CheckStatuses(absl::Span<const SignedStatus> statuses) {
  std::set<std::string> serials;
  const auto wrong = [](absl::string_view what) {
    return Refuse(Reason::kInvalidArgument, what);
  };
  if (statuses.size() > static_cast<size_t>(kMostStatuses)) {
    return wrong("at most 1000 statuses are kept in one call");
  }
  for (const SignedStatus& one : statuses) {
    if (BucketOfSerial(one.serial) < 0) {
      return wrong("a status is of a serial number that is none of ours");
    }
    if (!serials.insert(one.serial).second) {
      return wrong("two statuses are of one serial number");
    }
    if (one.cert_id_der.empty() != one.response_der.empty()) {
      return wrong("a signed status has its question with it");
    }
  }
  return absl::OkStatus();
}

bool Holds(const SignedStatus& status, const IssuedCertificate& certificate) {
  return !status.response_der.empty() &&
         status.revoked_at == certificate.revoked_at;
}

}  // namespace masa::storage
