// Claims that wait for an operator's word (EP-41, AMB-15). A claim is one
// device for one domain with one nonce, however often it is asked for.
// Thread-safe; blocks; never stale. kStoreUnavailable when the store cannot
// answer.
#ifndef STORAGE_CLAIM_STORE_H_
#define STORAGE_CLAIM_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/once.h"

namespace masa::storage {

enum class ClaimState { kWaiting = 1, kApproved = 2, kDeclined = 3 };

struct Claim {
  std::string claim_id;  // 16 octets of a hash over what makes it this claim
  std::string tenant_id;
  int16_t bucket = 0;
  std::string device_id;  // 16 octets
  std::string serial_number;
  std::string domain_id;           // octets, RFC 8995 section 5.8.2
  std::string pinned_spki_sha256;  // 32 octets
  absl::Time asked_at;
  ClaimState state = ClaimState::kWaiting;
  std::string reason;  // of a declined one, for the registrar
};

// What an operator says of one claim.
struct ClaimWord {
  std::string tenant_id;
  std::string claim_id;
  bool approved = false;
  std::string reason;
  std::optional<OnceOrder> once = {};  // under the operator's own id
};

// As many claims of one device may wait that were asked for within a day.
inline constexpr int kMostWaitingClaims = 16;

class ClaimStore {
 public:
  virtual ~ClaimStore() = default;

  // What stands of this claim; waiting from now on when nothing did.
  // kRateLimited when too many of the device's wait.
  virtual absl::StatusOr<Claim> Ask(const RequestContext& context,
                                    const Claim& claim) = 0;

  // Those that wait, oldest first, at most `limit`.
  virtual absl::StatusOr<std::vector<Claim>> ListWaiting(
      const RequestContext& context, const std::string& tenant_id,
      int limit) = 0;

  // Durable on return, with an audit event. The same word again changes
  // nothing; kClaimUnknown, and kClaimDecided after the other word.
  // kStoreConflict when the operator's id stands for something already.
  virtual absl::StatusOr<Claim> Decide(const RequestContext& context,
                                       const std::string& actor, absl::Time at,
                                       const ClaimWord& word) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_CLAIM_STORE_H_
