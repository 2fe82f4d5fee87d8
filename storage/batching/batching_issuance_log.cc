#include "storage/batching/batching_issuance_log.h"

#include <algorithm>

namespace masa::storage {

BatchingIssuanceLog::BatchingIssuanceLog(IssuanceLog& log,
                                         GathererOptions options)
    : log_(log), gatherer_(options, [this](const std::vector<Item>& items) {
        // The batch is worth committing while any of its callers waits.
        RequestContext context;
        context.deadline = absl::InfinitePast();
        std::vector<IssuedVoucher> vouchers;
        vouchers.reserve(items.size());
        for (const Item& item : items) {
          context.deadline = std::max(context.deadline, item.deadline);
          vouchers.push_back(item.voucher);
        }
        return log_.Commit(context, vouchers);
      }) {}

std::vector<absl::StatusOr<Committed>> BatchingIssuanceLog::Commit(
    const RequestContext& context, absl::Span<const IssuedVoucher> vouchers) {
  std::vector<Item> items;
  items.reserve(vouchers.size());
  for (const IssuedVoucher& voucher : vouchers) {
    items.push_back(Item{context.deadline, voucher});
  }
  return gatherer_.Run(std::move(items));
}

absl::StatusOr<std::vector<IssuedVoucher>> BatchingIssuanceLog::ListForDevice(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  return log_.ListForDevice(context, bucket, device_id, limit);
}

}  // namespace masa::storage
