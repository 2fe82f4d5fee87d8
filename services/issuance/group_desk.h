// What customers and the manufacturer's operators can ask about organisations,
// groups, roles, domain certificates and the place of devices, as use cases:
// the faces only translate. Thread-safe; blocks. Every error carries a reason;
// everything written is one audit event.
#ifndef SERVICES_ISSUANCE_GROUP_DESK_H_
#define SERVICES_ISSUANCE_GROUP_DESK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "services/ownership/group_view.h"
#include "storage/group_store.h"
#include "storage/issuance_log.h"

namespace masa::issuance {

// Who asks, and what of the protocol it comes by.
struct GroupCall {
  RequestContext context;
  identity::Principal caller;
  // What is not the caller's to see is denied, as OVGS has it, instead of
  // unknown.
  bool is_told_of_foreign = false;
  // The caller's own id for a change, with a digest of all that it asks: a
  // repeat changes nothing, and another change under this id is refused
  // (kRequestIdReused). Empty: none.
  std::string once_id = {};
  std::string once_digest = {};
  // Decides, and writes nothing.
  bool validate_only = false;
};

// A device as a caller sees it.
struct PlacedDevice {
  storage::Device device;
  std::vector<std::string> group_ids;  // the root first
};

struct VoucherOrder {
  std::vector<storage::DeviceKey> devices;
  std::string cert_id;
  std::optional<absl::Time> expires_on;
};

class GroupDesk {
 public:
  virtual ~GroupDesk() = default;

  // The IANA enterprise number of the caller's tenant.
  virtual absl::StatusOr<uint32_t> EnterpriseNumber(const GroupCall& call) = 0;

  // Organisations: operators see all of their tenant, accounts their own.
  virtual absl::StatusOr<std::vector<storage::OrganizationTree>>
  ListOrganizations(const GroupCall& call, const std::string& after,
                    int limit) = 0;
  // The groups that the caller sees, with what is in them.
  virtual absl::StatusOr<storage::OrganizationTree> GetTree(
      const GroupCall& call, const std::string& organization_id) = 0;
  // kOrganizationExists.
  virtual absl::StatusOr<std::string> CreateOrganization(
      const GroupCall& call, const masa::v1::Organization& organization) = 0;
  virtual absl::Status UpdateOrganization(
      const GroupCall& call, const masa::v1::Organization& organization,
      const std::optional<int64_t>& expected) = 0;
  // Operators. kGroupNotEmpty, saying what is in its way.
  virtual absl::Status DeleteOrganization(
      const GroupCall& call, const std::string& organization_id,
      const std::optional<int64_t>& expected) = 0;

  // See group_plans.h for what each refuses.
  virtual absl::StatusOr<std::string> CreateGroup(
      const GroupCall& call, const std::string& parent_id,
      const std::string& description) = 0;
  virtual absl::Status DeleteGroup(const GroupCall& call,
                                   const std::string& group_id,
                                   const std::optional<int64_t>& expected) = 0;
  virtual absl::Status DescribeGroup(
      const GroupCall& call, const std::string& group_id,
      const std::string& description,
      const std::optional<int64_t>& expected) = 0;
  virtual absl::Status MoveGroup(const GroupCall& call,
                                 const std::string& group_id,
                                 const std::string& parent_id,
                                 const std::optional<int64_t>& expected) = 0;
  virtual absl::StatusOr<ownership::GroupView> GetGroup(
      const GroupCall& call, const std::string& group_id) = 0;
  // What the caller may do in the group.
  virtual absl::StatusOr<std::vector<ownership::Act>> ListActs(
      const GroupCall& call, const std::string& group_id) = 0;
  virtual absl::Status AddDelegation(const GroupCall& call,
                                     const storage::Delegation& delegation) = 0;
  virtual absl::Status RemoveDelegation(
      const GroupCall& call, const storage::Delegation& delegation) = 0;

  // See role_plans.h for what each refuses.
  virtual absl::Status GiveRole(const GroupCall& call,
                                const storage::Binding& binding,
                                bool assigners_give) = 0;
  virtual absl::Status TakeRole(const GroupCall& call,
                                const std::string& group_id,
                                const storage::Account& account) = 0;
  // In groups that the caller sees. kUserUnknown for an account that has no
  // role anywhere; customers hear it of their own organisation's accounts, and
  // of others' there are no roles.
  virtual absl::StatusOr<std::vector<storage::Binding>> ListRoles(
      const GroupCall& call, const storage::Account& account) = 0;
  // The certificate's id is made here.
  virtual absl::StatusOr<std::string> CreateCert(
      const GroupCall& call, const storage::GroupCert& cert) = 0;
  virtual absl::Status DeleteCert(const GroupCall& call,
                                  const std::string& cert_id) = 0;
  virtual absl::Status RotateCert(const GroupCall& call,
                                  const storage::GroupCert& cert) = 0;
  virtual absl::StatusOr<storage::GroupCert> GetCert(
      const GroupCall& call, const std::string& cert_id) = 0;

  // See onboarding_plans.h for what each refuses. Of a group, the record that
  // holds in it, whichever group above it stands in.
  virtual absl::StatusOr<storage::Onboarding> GetOnboarding(
      const GroupCall& call, const std::string& group_id) = 0;
  virtual absl::Status SetOnboarding(
      const GroupCall& call, const storage::Onboarding& record,
      const std::optional<int64_t>& expected) = 0;
  virtual absl::Status ClearOnboarding(
      const GroupCall& call, const std::string& group_id,
      const std::optional<int64_t>& expected) = 0;

  virtual absl::Status AddDevice(const GroupCall& call,
                                 const storage::DeviceKey& device,
                                 const std::string& group_id) = 0;
  virtual absl::Status RemoveDevice(const GroupCall& call,
                                    const storage::DeviceKey& device,
                                    const std::string& group_id) = 0;
  // All or an error that names the field `fields[i]` of the one that failed.
  virtual absl::StatusOr<std::vector<PlacedDevice>> GetDevices(
      const GroupCall& call, absl::Span<const storage::DeviceKey> devices,
      absl::Span<const std::string> fields) = 0;
  // The devices in a group after `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<PlacedDevice>> ListDevices(
      const GroupCall& call, const std::string& group_id,
      const storage::DevicePlace& after, int limit) = 0;

  // Vouchers without nonce that pin a domain certificate of the owner's, which
  // may be in any of its groups: all or an error that names the field of the
  // device that failed. A repeat of the call's request id gets those of the
  // first. kCertOrgMismatch, kLifetimeInPast, kLifetimeExceedsCert; what the
  // rules of vouchers refuse (voucher/order.h).
  virtual absl::StatusOr<std::vector<storage::Committed>> IssueVouchers(
      const GroupCall& call, const VoucherOrder& order,
      absl::Span<const std::string> fields,
      std::vector<storage::Device>* devices) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GROUP_DESK_H_
