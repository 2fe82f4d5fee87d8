// The promise of organisations, their groups, and the place of devices in
// them. What may be changed is decided outside, on a tree that was read here;
// a change is taken only while that tree is still what it was. Thread-safe;
// blocks; never stale. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_GROUP_STORE_H_
#define STORAGE_GROUP_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/group.h"
#include "storage/once.h"
#include "storage/owned_devices.h"

namespace masa::storage {

// Which trees: the organisation's with this id; the one with this group; those
// with a domain certificate of this id (ids of different customers may be the
// same); or all where this account has a role.
struct TreeQuestion {
  enum class By { kOrganization = 1, kGroup = 2, kCert = 3, kAccount = 4 };
  std::string tenant_id;
  By by = By::kOrganization;
  std::string id;
  Account account = {};
};

// Records of a tree.
struct TreeRecords {
  std::vector<Group> groups;
  std::vector<Binding> bindings;
  std::vector<GroupCert> certs;
  std::vector<Onboarding> onboardings;
};

// Records to write and to remove; all or nothing.
struct TreeChange {
  std::string tenant_id;
  std::string organization_id;
  int64_t expected_version = 0;  // 0: the organisation is not there yet
  const char* kind = "";         // of the audit event (audit_event.h)
  std::optional<masa::v1::Organization> organization = {};
  std::vector<Group> groups = {};
  std::vector<Binding> bindings = {};
  std::vector<Delegation> delegations = {};
  std::vector<GroupCert> certs = {};
  std::vector<std::string> removed_groups = {};
  std::vector<Binding> removed_bindings = {};  // whatever the role
  std::vector<Delegation> removed_delegations = {};
  std::vector<std::string> removed_certs = {};
  std::vector<Onboarding> onboardings = {};
  std::vector<std::string> removed_onboardings = {};  // by group
  // The organisation goes, and with it the roles of its accounts anywhere.
  bool removes_organization = false;
  // Of what is written and removed, what was there: for the audit event.
  TreeRecords before = {};
  // What the caller hears, and under which request id it is remembered.
  std::string result = "";
  std::optional<OnceKey> once = {};
  std::string once_digest = "";
};

// Moves a device between groups of its organisation.
struct Placement {
  DeviceKey device;
  std::string organization_id;
  std::string from_group_id;  // as it was read; empty: the root alone
  std::string to_group_id;    // empty: the root alone
};

class GroupStore {
 public:
  virtual ~GroupStore() = default;

  // By organisation id; empty when there is none.
  virtual absl::StatusOr<std::vector<OrganizationTree>> ReadTrees(
      const RequestContext& context, const TreeQuestion& question) = 0;

  // The tenant's organisations after `after`, by id, at most `limit`. Fewer
  // than `limit` means that there are no more.
  virtual absl::StatusOr<std::vector<OrganizationTree>> ListOrganizations(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& after, int limit) = 0;

  // Durable on return, with one audit event. kStoreConflict when the tree, or
  // what the request id stands for, is not what it was: read and decide again.
  // kGroupNotEmpty when a removed group has devices, kGroupNotEmpty when
  // a removed organisation owns or is offered some, or groups of others are
  // delegated to it. kOrganizationUnknown when one to which, or to whose
  // accounts, rights are given is not there; it is not removed meanwhile.
  virtual absl::Status Change(const RequestContext& context,
                              const std::string& actor, absl::Time at,
                              const TreeChange& change) = 0;

  // What the request id stands for already.
  virtual absl::StatusOr<std::optional<OnceResult>> Recall(
      const RequestContext& context, const OnceKey& key) = 0;

  // Durable on return, with one audit event. kDeviceUnknown,
  // kDeviceAmbiguous, kDeviceInTransfer; kStoreConflict when the device is not
  // where it was; kGroupNotFound when the group to move to is not there any
  // more.
  virtual absl::StatusOr<Device> Place(const RequestContext& context,
                                       const std::string& actor, absl::Time at,
                                       const Placement& placement) = 0;

  // The devices placed in a group, not the root, as ListOwned has them.
  virtual absl::StatusOr<std::vector<Device>> ListPlaced(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& group_id, const DevicePlace& after, int limit) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_GROUP_STORE_H_
