// What was signed ahead about certificates that we issued (OCSP, RFC 6960), so
// that every replica answers with it. Thread-safe; blocks; never stale.
// kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_STATUS_STORE_H_
#define STORAGE_STATUS_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/certificate_store.h"
#include "storage/signed_status.h"

namespace masa::storage {

// At most so many are taken or kept in one call.
inline constexpr int kMostStatuses = 1000;

struct CertificateStatus {
  IssuedCertificate certificate;
  // None where nothing was signed, or something else than what stands now: a
  // revocation ends at once what was said before.
  std::optional<SignedStatus> signed_ahead = {};
};

// Whose turn has come, and until when others leave them to who asks.
struct TurnOrder {
  absl::Time now;
  absl::Time until;
  int limit = 0;  // 1 to kMostStatuses
};

// A certificate comes with what was signed about it, or has its first turn when
// it is issued; it has one at once when it is revoked (CertificateStore writes
// all of it with the change).
class StatusStore {
 public:
  virtual ~StatusStore() = default;

  // By serial number, of any tenant; kCertNotFound.
  virtual absl::StatusOr<CertificateStatus> FindStatus(
      const RequestContext& context, const std::string& serial) = 0;

  // Takes those that have waited longest. Two that ask at once get different
  // ones; who stops without Keep leaves them to others at `until`.
  virtual absl::StatusOr<std::vector<IssuedCertificate>> TakeTurns(
      const RequestContext& context, const TurnOrder& order) = 0;

  // Durable on return; what was signed before is gone. All or nothing.
  // kInvalidArgument for a serial number that is none of ours, or twice there.
  virtual absl::Status KeepStatuses(
      const RequestContext& context,
      absl::Span<const SignedStatus> statuses) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_STATUS_STORE_H_
