// Which devices a caller may do something with: operators all of their tenant,
// customers' accounts those in whose groups they have a role. What an account
// may is read from the store once. For one call, or one batch of calls; not
// thread-safe.
#ifndef SERVICES_ISSUANCE_ACCOUNT_SIGHTS_H_
#define SERVICES_ISSUANCE_ACCOUNT_SIGHTS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/identity/principal.h"
#include "services/issuance/policies.h"
#include "services/observe/request_context.h"
#include "services/ownership/group_access.h"
#include "storage/device.h"
#include "storage/device_store.h"
#include "storage/group_store.h"
#include "storage/owned_devices.h"

namespace masa::issuance {

class AccountSights {
 public:
  // Both outlive this.
  AccountSights(storage::GroupStore& groups, const RequestContext& context)
      : groups_(groups), context_(context) {}

  // kDeviceUnknown, as for a device that is not there, where the caller has no
  // role; kPermissionDenied for a role that does not suffice.
  absl::Status CheckMay(const identity::Principal& caller,
                        const storage::Device& device, ownership::Act act);

 private:
  // By organisation.
  using Trees = std::map<std::string, storage::OrganizationTree>;

  const absl::StatusOr<Trees>& TreesOf(const std::string& tenant_id,
                                       const storage::Account& account);
  absl::StatusOr<Trees> Read(const std::string& tenant_id,
                             const storage::Account& account);

  storage::GroupStore& groups_;
  const RequestContext& context_;
  std::map<std::pair<std::string, storage::Account>, absl::StatusOr<Trees>>
      trees_;
};

// The device, where the caller may see it; else kDeviceUnknown, or what the
// store refused; kIenNotServed (check_ien.h).
absl::StatusOr<storage::Device> FindSeen(storage::DeviceStore& devices,
                                         storage::GroupStore& groups,
                                         Policies& policies,
                                         const RequestContext& context,
                                         const identity::Principal& caller,
                                         storage::DeviceKey key);

// kDeviceUnknown, in the words that callers hear of unknown and foreign devices
// alike.
absl::Status NoSuchDevice();

// Since when what was issued for a device is the caller's to read: for a
// customer, the newest change of owner; for an operator, always. What the store
// refused.
absl::StatusOr<absl::Time> ReadsSince(storage::OwnedDevices& owned,
                                      const RequestContext& context,
                                      const identity::Principal& caller,
                                      const storage::Device& device);

// A refused look-up as this caller may know it: a customer is not told that
// several devices have a serial number, since they may all be others'.
absl::Status AsPublic(const absl::Status& status,
                      const identity::Principal& caller);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ACCOUNT_SIGHTS_H_
