// Which states of a device may follow each other. Pure.
#ifndef SERVICES_OWNERSHIP_DEVICE_STATES_H_
#define SERVICES_OWNERSHIP_DEVICE_STATES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/device.h"

namespace masa::ownership {

// MANUFACTURED and so on, as in the .proto file.
absl::string_view NameOf(storage::DeviceState state);

// kStateNotAllowed when a device cannot go from `from` to `to`. Every state
// may follow itself: then nothing changes.
absl::Status CheckTransition(storage::DeviceState from,
                             storage::DeviceState to);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_DEVICE_STATES_H_
