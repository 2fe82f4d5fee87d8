// The details of a device as their text column holds them: a JSON object with
// the members that are set. Pure; thread-safe.
#ifndef STORAGE_POSTGRES_DEVICE_DETAILS_H_
#define STORAGE_POSTGRES_DEVICE_DETAILS_H_

#include <string>

#include "storage/device.h"

namespace masa::storage {

std::string EncodeDetails(const DeviceDetails& details);
// What it cannot read it leaves empty.
DeviceDetails ParseDetails(const std::string& json);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_DEVICE_DETAILS_H_
