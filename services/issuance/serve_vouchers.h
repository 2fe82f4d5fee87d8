// The use cases of voucher_desk.h: what comes together shares its look-ups,
// turns of the key and its commit. Blocks, and answers within the call.
#ifndef SERVICES_ISSUANCE_SERVE_VOUCHERS_H_
#define SERVICES_ISSUANCE_SERVE_VOUCHERS_H_

#include <string>
#include <vector>

#include "services/issuance/repeat_watch.h"
#include "services/issuance/tools.h"
#include "services/issuance/voucher_desk.h"
#include "storage/issued_vouchers.h"

namespace masa::issuance {

class ServeVouchers final : public VoucherDesk {
 public:
  // `issued` lists what is in the tools' log, and outlives this.
  ServeVouchers(const Tools& tools, storage::IssuedVouchers& issued)
      : tools_(tools), issued_(issued) {}

  void Issue(std::vector<PendingOrder> calls) override;
  absl::StatusOr<std::vector<absl::StatusOr<storage::Committed>>> IssueAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const IssueOrder> orders) override;
  absl::StatusOr<storage::IssuedVoucher> GetVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device, const std::string& voucher_id) override;
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const VoucherListing& listing, int limit) override;
  absl::StatusOr<std::vector<TrustAnchor>> TrustAnchors(
      const RequestContext& context,
      const identity::Principal& caller) override;

 private:
  const Tools tools_;
  storage::IssuedVouchers& issued_;
  RepeatWatch repeats_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_VOUCHERS_H_
