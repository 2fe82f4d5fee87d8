#include "services/signing/remote/crc32c.h"

#include "boost/crc.hpp"

namespace masa::signing {

uint32_t Crc32c(absl::string_view first, absl::string_view second) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(first.data(), first.size());
  crc.process_bytes(second.data(), second.size());
  return crc.checksum();
}

}  // namespace masa::signing
