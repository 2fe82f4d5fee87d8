// A customer's devices, page by page, and since when they are its. Thread-safe;
// blocks; never stale. kStoreUnavailable when the store cannot answer.
#ifndef STORAGE_OWNED_DEVICES_H_
#define STORAGE_OWNED_DEVICES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/device.h"

namespace masa::storage {

// The place of a device in the order of the list.
struct DevicePlace {
  int16_t bucket = -1;  // before all
  std::string device_id;
};

class OwnedDevices {
 public:
  virtual ~OwnedDevices() = default;

  // The next devices after `after`, by bucket and id, at most `limit`. Fewer
  // than `limit` means that there are no more.
  virtual absl::StatusOr<std::vector<Device>> ListOwned(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const DevicePlace& after,
      int limit) = 0;

  // When the device last changed its owner, to the microsecond; the infinite
  // past where no change of it is on record. Of a device that is not there too.
  virtual absl::StatusOr<absl::Time> OwnedSince(const RequestContext& context,
                                                const DevicePlace& device) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_OWNED_DEVICES_H_
