#include "storage/batching/batching_issuance_log.h"

#include <utility>

namespace masa::storage {

BatchingIssuanceLog::BatchingIssuanceLog(IssuanceLog& log,
                                         GathererOptions options)
    : log_(log),
      gatherer_(options, [this](const RequestContext& context,
                                std::vector<IssuedVoucher> items) {
        return log_.Commit(context, std::move(items));
      }) {}

std::vector<absl::StatusOr<Committed>> BatchingIssuanceLog::Commit(
    const RequestContext& context, std::vector<IssuedVoucher> vouchers) {
  return gatherer_.Run(context, std::move(vouchers));
}

absl::StatusOr<std::vector<IssuedVoucher>> BatchingIssuanceLog::ListForDevice(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  return log_.ListForDevice(context, bucket, device_id, limit);
}

absl::StatusOr<std::vector<IssuedVoucher>> BatchingIssuanceLog::ReadForRules(
    const RequestContext& context, const RulesQuestion& question) {
  return log_.ReadForRules(context, question);
}

absl::StatusOr<IssuanceSummary> BatchingIssuanceLog::Summarize(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  return log_.Summarize(context, bucket, device_id, limit);
}

}  // namespace masa::storage
