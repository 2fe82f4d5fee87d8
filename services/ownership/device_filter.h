// The filter of a list of devices, a part of AIP-160:
//   filter = [ term { AND term } ]    term = FIELD "=" VALUE
// FIELD is state, product, model, owned, organization, or labels.NAME, each
// once; VALUE is letters, digits and any of _ . : / + -, or stands in double
// quotes, where a backslash takes the next character as it is. Pure.
#ifndef SERVICES_OWNERSHIP_DEVICE_FILTER_H_
#define SERVICES_OWNERSHIP_DEVICE_FILTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "storage/device_registry.h"

namespace masa::ownership {

// kInvalidArgument, with what is wrong and where, for what is no such filter,
// is over 2000 octets or has over 16 terms.
absl::StatusOr<storage::DeviceFilter> ParseDeviceFilter(
    const std::string& text);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_DEVICE_FILTER_H_
