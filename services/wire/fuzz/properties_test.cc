// Runs the fuzzers' properties on the corpus, whole, cut at every length, and
// with every octet changed.
#include "services/wire/fuzz/properties.h"

#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "services/testing/revocation.h"
#include "services/testing/sign_request.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
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

std::string File(const std::string& name) {
  std::ifstream file("services/wire/testdata/" + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
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

TEST(Properties, HoldAroundEveryJwsAndCoseArtifact) {
  for (const char* file : {"pvr", "rvr", "voucher"}) {
    SCOPED_TRACE(file);
    const std::string jws = File(std::string("jws/") + file + ".jws.json");
    RunAround(CheckJws, jws);
    const std::string cose = File(std::string("cose/") + file + ".cose");
    RunAround(CheckCose, cose);
    RunAround(CheckReception, cose);
    const std::string payload = ParseCose(cose)->payload;
    RunAround(CheckVoucherCbor, payload);
    RunAround(CheckVoucherRequestCbor, payload);
  }
}

TEST(Properties, HoldAroundRevocationEvidence) {
  testing::CertificateSpec spec;
  spec.common_name = "ca";
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(1);
  spec.is_ca = true;
  const testing::Identity ca = testing::MakeIdentity(spec);
  const testing::RevocationSpec revoked = {
      spec.not_before, spec.not_after, {ca}, "onlyuser:TRUE"};
  RunAround(CheckCrl, testing::MakeCrl(ca, revoked));
  RunAround(CheckOcsp, testing::MakeOcspResponse(ca, ca, ca, revoked));
  testing::JwsOptions options;
  options.enclose = false;
  RunAround(CheckAgentSignedData,
            testing::SignJws("{\"serial-number\":\"S\"}", ca, options));
}

}  // namespace
}  // namespace masa::wire
