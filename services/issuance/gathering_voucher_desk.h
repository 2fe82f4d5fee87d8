// A desk before the desk that issues: orders that come one by one while others
// are on their way go on together, so that they share look-ups, turns of the
// key and commits. Never blocks where a single order comes: beyond its bound it
// says no at once.
#ifndef SERVICES_ISSUANCE_GATHERING_VOUCHER_DESK_H_
#define SERVICES_ISSUANCE_GATHERING_VOUCHER_DESK_H_

#include <string>
#include <vector>

#include "services/executor/batch_executor.h"
#include "services/issuance/voucher_desk.h"

namespace masa::issuance {

class GatheringVoucherDesk final : public VoucherDesk {
 public:
  // `desk` outlives this.
  GatheringVoucherDesk(VoucherDesk& desk, BatchExecutorOptions options);

  // kOverloaded for an order that the queue has no place for.
  void Issue(std::vector<PendingOrder> calls) override;

  // The others are passed on as they are, and block.
  absl::StatusOr<std::vector<absl::StatusOr<storage::Committed>>> IssueAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const IssueOrder> orders) override {
    return desk_.IssueAll(context, caller, orders);
  }
  absl::StatusOr<storage::IssuedVoucher> GetVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device,
      const std::string& voucher_id) override {
    return desk_.GetVoucher(context, caller, device, voucher_id);
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const VoucherListing& listing, int limit) override {
    return desk_.ListVouchers(context, caller, listing, limit);
  }
  absl::StatusOr<std::vector<TrustAnchor>> TrustAnchors(
      const RequestContext& context,
      const identity::Principal& caller) override {
    return desk_.TrustAnchors(context, caller);
  }

 private:
  VoucherDesk& desk_;
  BatchExecutor<PendingOrder> executor_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GATHERING_VOUCHER_DESK_H_
