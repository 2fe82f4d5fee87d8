// Group commit: vouchers of many callers go to the log in one transaction, and
// each keeps its own outcome.
#ifndef STORAGE_BATCHING_BATCHING_ISSUANCE_LOG_H_
#define STORAGE_BATCHING_BATCHING_ISSUANCE_LOG_H_

#include <string>
#include <vector>

#include "storage/batching/gatherer.h"
#include "storage/issuance_log.h"

namespace masa::storage {

class BatchingIssuanceLog final : public IssuanceLog {
 public:
  // `log` outlives this.
  explicit BatchingIssuanceLog(IssuanceLog& log, GathererOptions options = {});

  std::vector<absl::StatusOr<Committed>> Commit(
      const RequestContext& context,
      std::vector<IssuedVoucher> vouchers) override;
  absl::StatusOr<std::vector<IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override;
  absl::StatusOr<std::vector<IssuedVoucher>> ReadForRules(
      const RequestContext& context, const RulesQuestion& question) override;
  absl::StatusOr<IssuanceSummary> Summarize(const RequestContext& context,
                                            int16_t bucket,
                                            const std::string& device_id,
                                            int limit) override;

 private:
  IssuanceLog& log_;
  Gatherer<IssuedVoucher, Committed> gatherer_;
};

}  // namespace masa::storage

#endif  // STORAGE_BATCHING_BATCHING_ISSUANCE_LOG_H_
