#include "services/edge/revocation/evidence_fetching_desk.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/cms_sign.h"
#include "services/testing/fake_clock.h"
#include "services/testing/revocation.h"
#include "services/testing/sign_request.h"
#include "services/verification/boring_verifier.h"

namespace masa::edge {
namespace {

using testing::Container;
using testing::Identity;

constexpr char kCrl[] = "http://crl.example/ca.crl";
constexpr char kOcsp[] = "http://ocsp.example/";

absl::Time Noon() { return absl::FromUnixSeconds(1'790'000'000); }

// Answers from a table, and remembers who was asked.
class FakeFetcher final : public fetch::Fetcher {
 public:
  absl::StatusOr<std::string> Fetch(const fetch::FetchRequest& request,
                                    absl::Time) override {
    asked.push_back(request.url);
    const auto found = answers.find(request.url);
    return found == answers.end() ? absl::StatusOr<std::string>(
                                        Refuse(Reason::kOverloaded, "silence"))
                                  : found->second;
  }
  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;
};

class RememberingDesk final : public issuance::RegistrarDesk {
 public:
  void RequestVouchers(std::vector<issuance::PendingCall> calls) override {
    for (issuance::PendingCall& one : calls) {
      last = one.call;
      one.respond(issuance::RegistrarAnswer{"voucher", ""});
    }
  }
  absl::StatusOr<issuance::RegistrarAnswer> RequestAuditLog(
      const issuance::RegistrarCall& call) override {
    last = call;
    return issuance::RegistrarAnswer{"log", ""};
  }
  issuance::RegistrarCall last;
};

class Evidence : public ::testing::TestWithParam<Container> {
 protected:
  static testing::CertificateSpec Spec(const std::string& name, bool is_ca) {
    testing::CertificateSpec spec;
    spec.common_name = name;
    spec.not_before = Noon() - absl::Hours(1);
    spec.not_after = Noon() + absl::Hours(1);
    spec.is_ca = is_ca;
    return spec;
  }
  Identity Registrar(bool names_servers, bool cmc_ra = true) {
    testing::CertificateSpec spec = Spec("registrar", false);
    if (cmc_ra) {
      spec.extended_key_usages = {testing::kCmcRa};
    }
    if (names_servers) {
      spec.crl_url = kCrl;
      spec.ocsp_url = kOcsp;
    }
    return testing::MakeIdentity(spec, &ca_);
  }
  void Ask(const Identity& registrar, bool broken = false) {
    testing::RequestLeaves leaves;
    leaves.serial_number = "S-1";
    leaves.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
    issuance::RegistrarCall call;
    call.content_type = testing::MediaType(GetParam());
    call.body = testing::SignRequest(
        GetParam(), leaves, registrar,
        {registrar.CertificateDer(), ca_.CertificateDer()});
    if (broken) {  // in the signature, which ends all three formats
      char& octet = call.body[call.body.size() - 7];
      octet = octet == 'A' ? 'B' : 'A';
    }
    EXPECT_EQ(desk_.RequestVoucher(call)->content_type, "voucher");
    EXPECT_EQ(remembering_.last.body, call.body);
  }

  Identity ca_ = testing::MakeIdentity(Spec("ca", true));
  const testing::RevocationSpec fresh_ = {
      Noon() - absl::Minutes(1), Noon() + absl::Minutes(1), {}};
  FakeFetcher fetcher_;
  RememberingDesk remembering_;
  verification::BoringVerifier verifier_;
  testing::FakeClock clock_{Noon()};
  Executor executor_{{.name = "fetch", .threads = 1, .queue_limit = 1}};
  EvidenceFetchingDesk desk_{remembering_, fetcher_, verifier_, clock_,
                             executor_};
};

// RV-06: OCSP first; the CRL only where that says nothing; both sent along.
TEST_P(Evidence, IsFetchedWhereTheChainNamesServers) {
  const Identity registrar = Registrar(true);
  fetcher_.answers[kOcsp] =
      testing::MakeOcspResponse(ca_, registrar, ca_, fresh_);
  fetcher_.answers[kCrl] = testing::MakeCrl(ca_, fresh_);
  Ask(registrar);
  EXPECT_EQ(fetcher_.asked, std::vector<std::string>{kOcsp});
  EXPECT_EQ(remembering_.last.evidence.ocsp_responses_der.size(), 1u);
  EXPECT_TRUE(remembering_.last.evidence.crls_der.empty());
  fetcher_.answers.erase(kOcsp);
  fetcher_.asked.clear();
  Ask(registrar);
  EXPECT_EQ(fetcher_.asked, (std::vector<std::string>{kOcsp, kCrl}));
  EXPECT_EQ(remembering_.last.evidence.crls_der.size(), 1u);
}

// RV-07: nobody is asked for a request that does not sign itself as a
// registrar's, nor where the chain names nobody.
TEST_P(Evidence, IsNotFetchedForStrangersOrForNothing) {
  Ask(Registrar(false));
  Ask(Registrar(true, false));
  Ask(Registrar(true), true);
  EXPECT_TRUE(fetcher_.asked.empty());
  EXPECT_TRUE(remembering_.last.evidence.crls_der.empty());
}

// A silent server changes nothing for the request: the authority judges.
TEST_P(Evidence, SilenceIsPassedOn) {
  Ask(Registrar(true));
  EXPECT_EQ(fetcher_.asked.size(), 2u);
  EXPECT_TRUE(remembering_.last.evidence.crls_der.empty());
  issuance::RegistrarCall garbage;
  garbage.content_type = testing::MediaType(GetParam());
  garbage.body = "garbage";
  EXPECT_EQ(desk_.RequestAuditLog(garbage)->content_type, "log");
}

INSTANTIATE_TEST_SUITE_P(All, Evidence,
                         ::testing::Values(Container::kCms, Container::kJws,
                                           Container::kCose));

// Stapled in the request (RFC 5940): no network is asked (RV-06).
TEST(StapledEvidence, SparesTheNetwork) {
  testing::CertificateSpec spec;
  spec.common_name = "ca";
  spec.not_before = Noon() - absl::Hours(1);
  spec.not_after = Noon() + absl::Hours(1);
  spec.is_ca = true;
  const Identity ca = testing::MakeIdentity(spec);
  spec.is_ca = false;
  spec.common_name = "registrar";
  spec.extended_key_usages = {testing::kCmcRa};
  spec.ocsp_url = kOcsp;
  const Identity registrar = testing::MakeIdentity(spec, &ca);
  testing::CmsOptions options;
  options.certificates_der = {registrar.CertificateDer(), ca.CertificateDer()};
  options.ocsp_responses_der = {testing::MakeOcspResponse(
      ca, registrar, ca,
      {Noon() - absl::Minutes(1), Noon() + absl::Minutes(1), {}, ""})};
  testing::RequestLeaves leaves;
  leaves.serial_number = "S-1";
  issuance::RegistrarCall call;
  call.content_type = "application/voucher-cms+json";
  call.body =
      testing::SignCms(testing::RequestJson(leaves), registrar, options);
  FakeFetcher fetcher;
  RememberingDesk remembering;
  const verification::BoringVerifier verifier;
  const testing::FakeClock clock(Noon());
  Executor executor({.name = "fetch", .threads = 1, .queue_limit = 1});
  EvidenceFetchingDesk desk(remembering, fetcher, verifier, clock, executor);
  ASSERT_TRUE(desk.RequestVoucher(call).ok());
  EXPECT_TRUE(fetcher.asked.empty());
}

}  // namespace
}  // namespace masa::edge
