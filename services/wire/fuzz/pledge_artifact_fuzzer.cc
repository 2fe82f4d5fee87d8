// libFuzzer target: see properties.h for what must hold.
#include <cstddef>
#include <cstdint>

#include "services/wire/fuzz/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  masa::wire::CheckPledgeArtifact(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
