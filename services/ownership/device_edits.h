// What an operator's change makes of a device. Pure: nothing here reads a clock
// or a store.
#ifndef SERVICES_OWNERSHIP_DEVICE_EDITS_H_
#define SERVICES_OWNERSHIP_DEVICE_EDITS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/device.h"

namespace masa::ownership {

// The fields that an update may name, as in the .proto file.
bool IsUpdatable(const std::string& field);

// kEtagMismatch when the device is not the one that was read.
absl::Status CheckEtag(const storage::Device& stored,
                       const std::optional<int64_t>& expected);

// `stored` with the fields of `mask` as in `update`.
storage::Device Updated(storage::Device stored, const storage::Device& update,
                        const std::set<std::string>& mask);

// kStateNotAllowed.
absl::StatusOr<storage::Device> WithState(storage::Device stored,
                                          storage::DeviceState state);

// It leaves its group, so that the group can go.
storage::Device Deleted(storage::Device stored, absl::Time at);
storage::Device Undeleted(storage::Device stored);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_DEVICE_EDITS_H_
