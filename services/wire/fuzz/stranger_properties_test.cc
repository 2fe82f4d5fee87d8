#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/testing/certification_requests.h"
#include "services/wire/certificate.h"
#include "services/wire/certification_request.h"
#include "services/wire/est_messages.h"
#include "services/wire/fuzz/properties.h"
#include "services/wire/fuzz/run_around.h"
#include "services/wire/pledge_status.h"
#include "services/wire/revocation.h"
#include "services/wire/status_lists.h"

namespace masa::wire {
namespace {

testing::Identity Make() {
  testing::CertificateSpec spec;
  spec.common_name = "device";
  spec.not_before = absl::FromUnixSeconds(1'790'000'000);
  spec.not_after = spec.not_before + absl::Hours(1);
  return testing::MakeIdentity(spec);
}

TEST(StrangerProperties, HoldAroundRequestsForCertificates) {
  testing::RequestSpec spec = testing::ForDevice("S-1");
  spec.alternative_names = {"DNS:a.example", "IP:127.0.0.1"};
  spec.challenge_password = "binding";
  spec.octet_attributes = {{"1.2.840.113549.1.9.16.2.37", "key"}};
  const std::string request = testing::MakeRequest(spec, Make().key.get());
  const auto parsed = ParseCertificationRequest(request);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->names_decrypt_key);
  RunAround(CheckCertificationRequest, request);
}

TEST(StrangerProperties, HoldAroundBodiesOfEst) {
  for (const bool wrapped : {false, true}) {
    const std::string body = EncodeEstBody(std::string(100, '\xa5'), wrapped);
    ASSERT_TRUE(DecodeEstBody(body).ok());
    RunAround(CheckEstBody, body);
  }
}

TEST(StrangerProperties, HoldAroundQuestionsOfOcsp) {
  const Certificate ca = *Certificate::Parse(Make().CertificateDer());
  const std::string request = EncodeOcspRequest(ca, ca);
  ASSERT_TRUE(ParseOcspRequest(request).ok());
  RunAround(CheckOcspRequest, request);
}

TEST(StrangerProperties, HoldAroundWhatPledgesTell) {
  const std::string told =
      R"({"version":1,"status":false,"reason":"no \u00e4nchor \"here\"",)"
      R"("reason-context":{"a":[1,2.5e3,null,"\ud83d\ude00"]},"more":1})";
  ASSERT_TRUE(ParsePledgeStatus(told).ok());
  RunAround(CheckPledgeStatus, told);
}

TEST(StrangerProperties, HoldAroundVouchersForPledges) {
  // A COSE_Sign1 of [h'a10126', {4: h'01'}, h'0203', h'04'].
  RunAround(CheckPledgeArtifact,
            absl::HexStringToBytes("d28443a10126a1044101420203410"
                                   "4"));
}

}  // namespace
}  // namespace masa::wire
