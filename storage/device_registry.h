// The registry as operators edit and list it, one device at a time and in
// pages. Thread-safe; blocks; never stale. kStoreUnavailable when the store
// cannot answer.
#ifndef STORAGE_DEVICE_REGISTRY_H_
#define STORAGE_DEVICE_REGISTRY_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/once.h"
#include "storage/owned_devices.h"

namespace masa::storage {

// Devices for which all holds that is set.
struct DeviceFilter {
  std::string organization_id = {};
  std::string group_id = {};
  std::optional<DeviceState> state = {};
  std::string product_id = {};
  std::string model = {};
  std::optional<bool> owned = {};  // by anybody
  std::map<std::string, std::string> labels = {};
  bool also_deleted = false;

  bool operator==(const DeviceFilter&) const = default;
};

struct DevicePage {
  std::vector<Device> devices;
  std::optional<DevicePlace> next;  // go on behind it; none: there are no more
};

struct DeviceCount {
  int64_t devices = 0;
  std::optional<DevicePlace> next;  // as in a page
};

struct DeviceEdit {
  DeviceKey device;
  bool is_deleted = false;  // which devices are meant
  const char* kind = "";    // of the audit event (audit_kinds.h)
  // The device as it shall stand, made from what stands. Pure: it may be
  // called again. Keys, owner and version are not its to change.
  std::function<absl::StatusOr<Device>(const Device& stored)> plan;
  std::string product_id = "";  // that the plan sets; empty: it sets none
  std::optional<OnceOrder> once = {};
  bool validate_only = false;  // plans and checks, writes nothing
};

struct DeviceCreation {
  Device device;
  std::optional<OnceOrder> once = {};
  bool validate_only = false;
};

// All or none.
struct BatchCreation {
  std::vector<Device> devices;  // 1 to 1000
  std::optional<OnceOrder> once = {};
  bool validate_only = false;
};

class DeviceRegistry {
 public:
  virtual ~DeviceRegistry() = default;

  // The devices that `filter` lets through behind `after`, by bucket and id,
  // at most `limit` (1 to 1000). Looks at a bounded number of devices, so a
  // page may have fewer, or none, while there are more.
  virtual absl::StatusOr<DevicePage> List(const RequestContext& context,
                                          const std::string& tenant_id,
                                          const DeviceFilter& filter,
                                          const DevicePlace& after,
                                          int limit) = 0;

  // How many devices `filter` lets through behind `after`, up to where it
  // stopped looking: at a bounded number, as above.
  virtual absl::StatusOr<DeviceCount> Count(const RequestContext& context,
                                            const std::string& tenant_id,
                                            const DeviceFilter& filter,
                                            const DevicePlace& after) = 0;

  // Both are durable on return, with one audit event, and answer a repeat with
  // the device as it is now; kRequestIdReused for another change under its id.
  // Create refuses as DeviceStore::Import does. Edit: kDeviceUnknown,
  // kDeviceAmbiguous, kProductUnknown, kInvalidArgument, and what the plan
  // says; a plan that changes nothing writes nothing.
  virtual absl::StatusOr<Device> Create(const RequestContext& context,
                                        const std::string& actor, absl::Time at,
                                        const DeviceCreation& creation) = 0;
  // In the order of the batch, with one audit event each; a refusal names the
  // first that cannot be, as the field `devices[i]`.
  virtual absl::StatusOr<std::vector<Device>> CreateAll(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const BatchCreation& creation) = 0;
  virtual absl::StatusOr<Device> Edit(const RequestContext& context,
                                      const std::string& actor, absl::Time at,
                                      const DeviceEdit& edit) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_DEVICE_REGISTRY_H_
