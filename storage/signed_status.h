// What was signed about a certificate that we issued, as it is kept. A pure
// value.
#ifndef STORAGE_SIGNED_STATUS_H_
#define STORAGE_SIGNED_STATUS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace masa::storage {

struct SignedStatus {
  std::string serial;
  // The CertID that it answers; empty: nothing is signed, and its turn is all
  // that is kept.
  std::string cert_id_der = {};
  std::string response_der = {};
  absl::Time next_update = absl::UnixEpoch();
  // As it stood when this was signed.
  std::optional<absl::Time> revoked_at = {};
  absl::Time renew_at = absl::UnixEpoch();  // its next turn

  bool operator==(const SignedStatus&) const = default;
};

}  // namespace masa::storage

#endif  // STORAGE_SIGNED_STATUS_H_
