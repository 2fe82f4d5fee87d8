// The use cases of transfer_desk.h: read the transfer and its devices, let the
// rules of services/ownership plan the change, write it; again when something
// of it has changed meanwhile.
#ifndef SERVICES_ISSUANCE_SERVE_TRANSFERS_H_
#define SERVICES_ISSUANCE_SERVE_TRANSFERS_H_

#include <functional>
#include <string>
#include <vector>

#include "services/issuance/tools.h"
#include "services/issuance/transfer_desk.h"
#include "services/ownership/assignment_plans.h"
#include "services/ownership/transfer_plans.h"

namespace masa::issuance {

class ServeTransfers final : public TransferDesk {
 public:
  // Both stores outlive this.
  ServeTransfers(const Tools& tools, storage::TransferStore& transfers,
                 storage::HistoryStore& histories)
      : tools_(tools), transfers_(transfers), histories_(histories) {}

  absl::StatusOr<TransferOutcome> Offer(const GroupCall& call,
                                        const OfferOrder& order) override;
  absl::StatusOr<TransferOutcome> End(
      const GroupCall& call, const std::string& transfer_id,
      ownership::TransferAct act,
      const std::optional<int64_t>& expected) override;
  absl::StatusOr<storage::Transfer> GetTransfer(
      const GroupCall& call, const std::string& transfer_id) override;
  absl::StatusOr<std::vector<storage::Transfer>> ListTransfers(
      const GroupCall& call, const std::string& organization_id,
      const std::string& after, int limit) override;
  absl::StatusOr<TransferOutcome> Release(
      const GroupCall& call, const std::string& from_organization_id,
      const std::vector<storage::DeviceKey>& devices) override;
  absl::StatusOr<TransferOutcome> Claim(const GroupCall& call,
                                        const ClaimOrder& order) override;
  absl::StatusOr<TransferOutcome> Assign(
      const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
      const std::string& organization_id) override;
  absl::StatusOr<TransferOutcome> Block(
      const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
      bool lift) override;
  absl::StatusOr<TransferOutcome> Place(
      const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
      const std::string& group_id) override;
  absl::StatusOr<HistoryPage> GetHistory(const GroupCall& call,
                                         const storage::DeviceKey& key,
                                         int32_t first_number,
                                         int limit) override;
  absl::StatusOr<ownership::HistoryFinding> VerifyHistory(
      const GroupCall& call, const storage::DeviceKey& key,
      const std::string& anchor_der) override;

  // Gives the devices of offers that nobody answered back to their givers, at
  // most `limit` offers; how many lapsed. For the clock, not for a caller.
  absl::StatusOr<int> ExpireOffers(const RequestContext& context, int limit);

 private:
  using Plan = std::function<absl::StatusOr<ownership::TransferPlan>()>;

  // Whether the caller administers the organisation; kOrganizationUnknown when
  // it is not there.
  absl::StatusOr<bool> Administers(const GroupCall& call,
                                   const std::string& organization_id);
  // kOrganizationUnknown for one that is not there or is not the caller's.
  absl::Status CheckGiver(const GroupCall& call,
                          const std::string& organization_id);
  absl::StatusOr<ownership::Party> PartyOf(const GroupCall& call,
                                           const storage::Transfer& transfer);
  // The transfer, where the caller is a party of it.
  absl::StatusOr<storage::Transfer> FindFor(const GroupCall& call,
                                            const std::string& transfer_id,
                                            ownership::Party* party);
  using FoundDevices = std::vector<absl::StatusOr<storage::Device>>;
  // Each device, or why it is not there or not to be had.
  FoundDevices FindEach(const RequestContext& context,
                        const std::string& tenant_id,
                        std::vector<storage::DeviceKey> keys);
  // The same; fails when the store does.
  absl::StatusOr<FoundDevices> Find(const RequestContext& context,
                                    const std::string& tenant_id,
                                    std::vector<storage::DeviceKey> keys);
  // The same of what a caller names, as it may know of it.
  absl::StatusOr<FoundDevices> FindNamed(const GroupCall& call,
                                         std::vector<storage::DeviceKey> keys);
  absl::StatusOr<FoundDevices> DevicesOf(const RequestContext& context,
                                         const storage::Transfer& transfer);
  absl::StatusOr<ownership::TransferPlan> PlanEnd(
      const RequestContext& context, const storage::Transfer& transfer,
      ownership::TransferAct act, const ownership::Party& party,
      bool overridden);
  // Plans and writes, until nothing has changed between the two.
  absl::StatusOr<TransferOutcome> Edit(const GroupCall& call, const Plan& plan);
  absl::StatusOr<std::optional<TransferOutcome>> Recall(const GroupCall& call);
  // The tree that has the group; an empty one when there is none.
  absl::StatusOr<storage::OrganizationTree> TreeWith(
      const GroupCall& call, const std::string& group_id);
  // kRateLimited once the organisation has got too many claims wrong.
  absl::Status ChargeClaims(const GroupCall& call,
                            const std::string& organization_id,
                            const std::vector<absl::Status>& outcomes);
  // kTooManyItems.
  static absl::Status CheckDeviceCount(size_t count, const char* field);
  // An operator's edit of the devices that the keys name.
  absl::StatusOr<TransferOutcome> EditNamed(
      const GroupCall& call, std::vector<storage::DeviceKey> keys,
      const std::function<
          ownership::TransferPlan(const ownership::NamedDevices&)>& plan);

  const Tools tools_;
  storage::TransferStore& transfers_;
  storage::HistoryStore& histories_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_TRANSFERS_H_
