// CRC32C (Castagnoli), against faults on the way between authority and signer.
#ifndef SERVICES_SIGNING_REMOTE_CRC32C_H_
#define SERVICES_SIGNING_REMOTE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace masa::signing {

// The checksum of `first` followed by `second`.
uint32_t Crc32c(absl::string_view first, absl::string_view second = "");

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_REMOTE_CRC32C_H_
