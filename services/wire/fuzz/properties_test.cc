// Runs the fuzzers' properties on the corpus, whole, cut at every length, and
// with every octet changed.
#include "services/wire/fuzz/properties.h"

#include <string>

#include "gtest/gtest.h"
#include "services/wire/cms.h"
#include "services/wire/test_files.h"

namespace masa::wire {
namespace {

void RunAround(void (*check)(absl::string_view), const std::string& seed) {
  ASSERT_FALSE(seed.empty());
  check(seed);
  for (size_t length = 0; length < seed.size(); ++length) {
    check(absl::string_view(seed).substr(0, length));
  }
  std::string changed = seed;
  for (size_t i = 0; i < seed.size(); ++i) {
    for (const char mask : {'\x01', '\x20', '\xff'}) {
      changed[i] = static_cast<char>(seed[i] ^ mask);
      check(changed);
    }
    changed[i] = seed[i];
  }
}

TEST(Properties, HoldAroundEveryCmsArtifact) {
  for (const char* file : {"pvr.der", "rvr.der", "voucher.der"}) {
    SCOPED_TRACE(file);
    RunAround(CheckCms, Rfc8995File(file));
  }
}

TEST(Properties, HoldAroundEveryCertificate) {
  for (const char* file :
       {"idevid_cert.der", "masa_cert.der", "owner_ca_cert.der",
        "registrar_cert.der", "vendor_cert.der"}) {
    SCOPED_TRACE(file);
    RunAround(CheckCertificate, Rfc8995File(file));
  }
}

TEST(Properties, HoldAroundEveryPayload) {
  for (const char* file : {"pvr.der", "rvr.der", "voucher.der"}) {
    SCOPED_TRACE(file);
    const auto artifact = ParseCms(Rfc8995File(file));
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    RunAround(CheckVoucherJson, artifact->payload);
    RunAround(CheckVoucherRequestJson, artifact->payload);
  }
}

}  // namespace
}  // namespace masa::wire
