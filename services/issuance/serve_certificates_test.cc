#include "services/issuance/serve_certificates.h"

#include "services/issuance/test_enrollment.h"
#include "services/status/reason.h"
#include "services/testing/status_matchers.h"
#include "services/wire/revocation.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using testing::HasReason;
using testing::IsOk;

std::string SerialOf(const std::string& der) {
  return (*wire::Certificate::Parse(der))->serial_der;
}

TEST_F(Enrolling, OperatorsListGetAndRevoke) {
  const std::string first = Enrolled("S-1"), second = Enrolled("S-2");
  const auto all = operators_.List({}, operator_, {}, "", 10);
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->size(), 2u);
  const auto revoked =
      operators_.Revoke({}, operator_, SerialOf(first), 1, {"id", "digest"});
  ASSERT_THAT(revoked, IsOk());
  EXPECT_TRUE(revoked->revoked_at.has_value());
  EXPECT_THAT(
      operators_.Revoke({}, operator_, SerialOf(first), 1, {"id", "digest"}),
      IsOk());
  EXPECT_THAT(operators_.Revoke({}, operator_, SerialOf(first), 1, {}),
              HasReason(Reason::kStateNotAllowed));
  EXPECT_EQ(CountEvents(storage::kCertificateRevoked), 1);
  EXPECT_FALSE(
      operators_.Get({}, operator_, SerialOf(second))->revoked_at.has_value());
  // Its place is free.
  EXPECT_THAT(desk_.AskOne(CallFor("S-1")), IsOk());
}

TEST_F(Enrolling, NobodyElseSeesThem) {
  const std::string der = Enrolled("S-1");
  const identity::Principal customer = {identity::Role::kCustomer, "eve",
                                        "acme", "org"};
  const identity::Principal foreign = {identity::Role::kOperator, "bob",
                                       "globex", ""};
  EXPECT_THAT(operators_.Get({}, customer, SerialOf(der)),
              HasReason(Reason::kPermissionDenied));
  EXPECT_THAT(operators_.Get({}, foreign, SerialOf(der)),
              HasReason(Reason::kCertNotFound));
  EXPECT_THAT(operators_.Revoke({}, foreign, SerialOf(der), 0, {}),
              HasReason(Reason::kCertNotFound));
  EXPECT_EQ(operators_.List({}, foreign, {}, "", 10)->size(), 0u);
}

TEST_F(Enrolling, TokensEndAndAreForProfilesThatAreThere) {
  const auto create = [this](const std::string& profile, absl::Time end) {
    return operators_.CreateToken(
        {}, operator_, {profile, std::string(32, 'd'), {"S-1"}, end}, {});
  };
  EXPECT_THAT(create("none", Noon() + absl::Hours(1)),
              HasReason(Reason::kProfileUnknown));
  EXPECT_THAT(create("factory", Noon()), HasReason(Reason::kInvalidArgument));
  EXPECT_THAT(create("factory", Noon() + absl::Hours(24 * 400)),
              HasReason(Reason::kInvalidArgument));
  EXPECT_THAT(create("factory", Noon() + absl::Hours(1)), IsOk());
}

TEST_F(Enrolling, TheCrlIsSignedNumberedAndSaysWhatIsRevoked) {
  const auto first = wire::Certificate::Parse(Enrolled("S-1"));
  const auto second = wire::Certificate::Parse(Enrolled("S-2"));
  ASSERT_THAT(operators_.Revoke({}, operator_, (*first)->serial_der, 1, {}),
              IsOk());
  const auto answer = status_.Crl({}, "est.masa.example", "factory");
  ASSERT_THAT(answer, IsOk());
  const auto crl = wire::ParseCrl(answer->der);
  ASSERT_THAT(crl, IsOk());
  EXPECT_TRUE(crl->Lists(*first));
  EXPECT_FALSE(crl->Lists(*second));
  EXPECT_EQ(crl->next_update, answer->next_update);
  const auto ca = wire::Certificate::Parse(ca_.CertificateDer());
  EXPECT_THAT(verifier_.VerifySignature(
                  crl->signature.algorithm, (*ca)->spki_der,
                  crl->signature.signed_octets, crl->signature.signature),
              IsOk());
  EXPECT_THAT(status_.Crl({}, "est.masa.example", "none"),
              HasReason(Reason::kProfileUnknown));
  EXPECT_THAT(status_.Crl({}, "other.example", "factory"),
              HasReason(Reason::kTenantUnknown));
}

// RFC 5280 section 3.3: whoever fetches a list a day sees it after the end.
TEST_F(Enrolling, TheCrlHasWhatEndedForADayMore) {
  masa::v1::Catalog catalog = Catalog();
  auto* profile = catalog.mutable_tenants(0)->mutable_enrollment_profiles(0);
  profile->mutable_validity()->set_seconds(2 * 3600);
  ASSERT_THAT(store_.Apply({}, "test", Noon(), catalog), IsOk());
  const auto device = wire::Certificate::Parse(Enrolled("S-1"));
  ASSERT_EQ((*device)->not_after, Noon() + absl::Hours(2));
  ASSERT_THAT(operators_.Revoke({}, operator_, (*device)->serial_der, 4, {}),
              IsOk());
  const auto lists = [&] {
    const auto answer = status_.Crl({}, "est.masa.example", "factory");
    EXPECT_THAT(answer, IsOk());
    return wire::ParseCrl(answer->der)->Lists(*device);
  };
  clock_.Advance(absl::Hours(26));
  EXPECT_TRUE(lists());
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(lists());
}

TEST_F(Enrolling, OcspSaysGoodThenRevoked) {
  const auto ca = wire::Certificate::Parse(ca_.CertificateDer());
  const auto device = wire::Certificate::Parse(Enrolled("S-1"));
  const std::string question = wire::EncodeOcspRequest(*device, *ca);
  const auto state = [&] {
    const auto answer = status_.Ocsp({}, question);
    EXPECT_THAT(answer, IsOk());
    const auto read = wire::ParseOcspResponse(answer->der);
    EXPECT_THAT(read, IsOk());
    EXPECT_THAT(verifier_.VerifySignature(
                    read->signature.algorithm, (*ca)->spki_der,
                    read->signature.signed_octets, read->signature.signature),
                IsOk());
    EXPECT_TRUE(read->answers[0].IsOf(*device, *ca));
    return read->answers[0].status;
  };
  EXPECT_EQ(state(), wire::OcspAnswer::Status::kGood);
  ASSERT_THAT(operators_.Revoke({}, operator_, (*device)->serial_der, 4, {}),
              IsOk());
  EXPECT_EQ(state(), wire::OcspAnswer::Status::kRevoked);
}

TEST_F(Enrolling, NothingIsSignedForStrangers) {
  const auto ca = wire::Certificate::Parse(ca_.CertificateDer());
  const auto device = wire::Certificate::Parse(Enrolled("S-1"));
  const auto stranger = wire::Certificate::Parse(line_.CertificateDer());
  for (const std::string& question :
       {wire::EncodeOcspRequest(*stranger, *ca),
        wire::EncodeOcspRequest(*device, *stranger), std::string("x")}) {
    const auto answer = status_.Ocsp({}, question);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->next_update, absl::InfinitePast());
    EXPECT_FALSE(wire::ParseOcspResponse(answer->der).ok());
  }
}

}  // namespace
}  // namespace masa::issuance
