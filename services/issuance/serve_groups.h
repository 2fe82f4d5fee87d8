// The use cases of group_desk.h: read the organisation's tree, let the rules of
// services/ownership plan the change, write it; again when the tree has changed
// meanwhile.
#ifndef SERVICES_ISSUANCE_SERVE_GROUPS_H_
#define SERVICES_ISSUANCE_SERVE_GROUPS_H_

#include <functional>
#include <string>
#include <vector>

#include "services/issuance/group_desk.h"
#include "services/issuance/tools.h"
#include "services/ownership/group_access.h"

namespace masa::issuance {

class ServeGroups final : public GroupDesk {
 public:
  explicit ServeGroups(const Tools& tools) : tools_(tools) {}

  absl::StatusOr<uint32_t> EnterpriseNumber(const GroupCall& call) override;

  absl::StatusOr<std::vector<storage::OrganizationTree>> ListOrganizations(
      const GroupCall& call, const std::string& after, int limit) override;
  absl::StatusOr<storage::OrganizationTree> GetTree(
      const GroupCall& call, const std::string& organization_id) override;
  absl::StatusOr<std::string> CreateOrganization(
      const GroupCall& call,
      const masa::v1::Organization& organization) override;
  absl::Status UpdateOrganization(
      const GroupCall& call, const masa::v1::Organization& organization,
      const std::optional<int64_t>& expected) override;
  absl::Status DeleteOrganization(
      const GroupCall& call, const std::string& organization_id,
      const std::optional<int64_t>& expected) override;

  absl::StatusOr<std::string> CreateGroup(
      const GroupCall& call, const std::string& parent_id,
      const std::string& description) override;
  absl::Status DeleteGroup(const GroupCall& call, const std::string& group_id,
                           const std::optional<int64_t>& expected) override;
  absl::Status DescribeGroup(const GroupCall& call, const std::string& group_id,
                             const std::string& description,
                             const std::optional<int64_t>& expected) override;
  absl::Status MoveGroup(const GroupCall& call, const std::string& group_id,
                         const std::string& parent_id,
                         const std::optional<int64_t>& expected) override;
  absl::StatusOr<ownership::GroupView> GetGroup(
      const GroupCall& call, const std::string& group_id) override;
  absl::StatusOr<std::vector<ownership::Act>> ListActs(
      const GroupCall& call, const std::string& group_id) override;
  absl::Status AddDelegation(const GroupCall& call,
                             const storage::Delegation& delegation) override;
  absl::Status RemoveDelegation(const GroupCall& call,
                                const storage::Delegation& delegation) override;

  absl::Status GiveRole(const GroupCall& call, const storage::Binding& binding,
                        bool assigners_give) override;
  absl::Status TakeRole(const GroupCall& call, const std::string& group_id,
                        const storage::Account& account) override;
  absl::StatusOr<std::vector<storage::Binding>> ListRoles(
      const GroupCall& call, const storage::Account& account) override;
  absl::StatusOr<std::string> CreateCert(
      const GroupCall& call, const storage::GroupCert& cert) override;
  absl::Status DeleteCert(const GroupCall& call,
                          const std::string& cert_id) override;
  absl::Status RotateCert(const GroupCall& call,
                          const storage::GroupCert& cert) override;
  absl::StatusOr<storage::GroupCert> GetCert(
      const GroupCall& call, const std::string& cert_id) override;

  absl::StatusOr<storage::Onboarding> GetOnboarding(
      const GroupCall& call, const std::string& group_id) override;
  absl::Status SetOnboarding(const GroupCall& call,
                             const storage::Onboarding& record,
                             const std::optional<int64_t>& expected) override;
  absl::Status ClearOnboarding(const GroupCall& call,
                               const std::string& group_id,
                               const std::optional<int64_t>& expected) override;

  absl::Status AddDevice(const GroupCall& call,
                         const storage::DeviceKey& device,
                         const std::string& group_id) override;
  absl::Status RemoveDevice(const GroupCall& call,
                            const storage::DeviceKey& device,
                            const std::string& group_id) override;
  absl::StatusOr<std::vector<PlacedDevice>> GetDevices(
      const GroupCall& call, absl::Span<const storage::DeviceKey> devices,
      absl::Span<const std::string> fields) override;
  absl::StatusOr<std::vector<PlacedDevice>> ListDevices(
      const GroupCall& call, const std::string& group_id,
      const storage::DevicePlace& after, int limit) override;

  absl::StatusOr<std::vector<storage::Committed>> IssueVouchers(
      const GroupCall& call, const VoucherOrder& order,
      absl::Span<const std::string> fields,
      std::vector<storage::Device>* devices) override;

 private:
  using By = storage::TreeQuestion::By;
  using Plan = std::function<absl::StatusOr<storage::TreeChange>(
      const storage::OrganizationTree& tree, const ownership::Actor& actor)>;
  using PlanPlace = std::function<absl::StatusOr<storage::Placement>(
      const storage::OrganizationTree& tree, const ownership::Actor& actor,
      const storage::Device& device)>;

  // The tree that `id` leads to, of several one that the caller sees; an empty
  // one, without groups, when there is none.
  absl::StatusOr<storage::OrganizationTree> Read(const GroupCall& call, By by,
                                                 const std::string& id);
  // What the call's request id stands for already.
  absl::StatusOr<std::optional<std::string>> Recall(const GroupCall& call);
  // Plans on the tree that `id` leads to, and writes; the plan's result.
  absl::StatusOr<std::string> Edit(const GroupCall& call, By by,
                                   const std::string& id, const Plan& plan);
  // PN-05: the certificate is no public CA's, which would own nothing.
  // kInvalidArgument at `field`; what does not parse is not asked.
  absl::Status CheckNotPublic(const GroupCall& call,
                              const std::string& certificate_der,
                              const char* field);
  absl::Status Place(const GroupCall& call, const storage::DeviceKey& device,
                     const std::string& group_id, const PlanPlace& plan);
  // The devices, each with the tree of its owner.
  absl::StatusOr<std::vector<storage::DeviceAnswer>> Find(
      const GroupCall& call, absl::Span<const storage::DeviceKey> devices,
      absl::Span<const std::string> digests,
      absl::Span<const std::string> fields);
  absl::StatusOr<std::map<std::string, storage::OrganizationTree>> TreesOf(
      const GroupCall& call, absl::Span<const storage::DeviceAnswer> devices);

  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_GROUPS_H_
