#include "storage/memory/memory_issued_vouchers.h"

#include <limits>
#include <tuple>
#include <utility>

#include "services/status/macros.h"

namespace masa::storage {
namespace {

bool Matches(const VoucherQuery& query, const IssuedVoucher& voucher) {
  return (query.voucher_id.empty() || query.voucher_id == voucher.voucher_id) &&
         voucher.created_on >= query.from &&
         voucher.created_on < query.before &&
         (!query.after ||
          std::tie(voucher.created_on, voucher.voucher_id) <
              std::tie(query.after->created_on, query.after->voucher_id));
}

}  // namespace

absl::StatusOr<std::vector<IssuedVoucher>> MemoryIssuedVouchers::ListVouchers(
    const RequestContext& context, const VoucherQuery& query, int limit) {
  MASA_ASSIGN_OR_RETURN(
      std::vector<IssuedVoucher> all,
      log_.ListForDevice(context, query.bucket, query.device_id,
                         std::numeric_limits<int>::max()));
  std::vector<IssuedVoucher> found;
  for (IssuedVoucher& voucher : all) {
    if (static_cast<int>(found.size()) < limit && Matches(query, voucher)) {
      found.push_back(std::move(voucher));
    }
  }
  return found;
}

}  // namespace masa::storage
