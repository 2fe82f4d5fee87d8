// The promise of what was issued for a device, as lists have it. Thread-safe;
// blocks; never stale. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_ISSUED_VOUCHERS_H_
#define STORAGE_ISSUED_VOUCHERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/issuance_log.h"

namespace masa::storage {

// Which vouchers of one device.
struct VoucherQuery {
  int16_t bucket = 0;
  std::string device_id;
  std::string voucher_id = {};  // empty: any
  // Created at this time or later, and before that one.
  absl::Time from = absl::InfinitePast();
  absl::Time before = absl::InfiniteFuture();
  // Those that follow this one in the list: created earlier, or at the same
  // time with a lesser id.
  struct Place {
    absl::Time created_on;
    std::string voucher_id;  // 16 octets
  };
  std::optional<Place> after = {};
};

class IssuedVouchers {
 public:
  virtual ~IssuedVouchers() = default;

  // Newest first, at most `limit`. Fewer than `limit` means that there are no
  // more.
  virtual absl::StatusOr<std::vector<IssuedVoucher>> ListVouchers(
      const RequestContext& context, const VoucherQuery& query, int limit) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_ISSUED_VOUCHERS_H_
