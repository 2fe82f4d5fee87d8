// What a customer's registrars show besides their signature.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/identity/basic.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class Authentication : public Desk {
 protected:
  void Ask(masa::v1::RegistrarAuthentication how) {
    masa::v1::Catalog change;
    AddCustomer(&change, "org-acme", how, "secret");
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), change).ok());
  }

  // Another customer, first by id, registers the certificate of org-acme's CA,
  // which is public.
  void AskByAnother(masa::v1::RegistrarAuthentication how) {
    masa::v1::Catalog change;
    AddCustomer(&change, "org-aa", how, "other");
    AddDomain(&change, "org-aa", domain_ca_);
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), change).ok());
  }

  static void AddCustomer(masa::v1::Catalog* catalog, const std::string& id,
                          masa::v1::RegistrarAuthentication how,
                          const std::string& password) {
    auto* customer = catalog->add_organizations();
    customer->set_tenant_id("acme");
    customer->set_organization_id(id);
    customer->set_registrar_authentication(how);
    *customer->add_basic_credentials() = identity::MakeBasicCredential(
        "registrar", password, std::string(16, 's'));
  }

  // What becomes of a request with this password: OK or a reason's name, of
  // org-acme's device, of nobody's, and of one that is not there.
  std::vector<std::string> OutcomesWith(const std::string& password) {
    std::vector<std::string> outcomes;
    for (const char* serial : {"OWNED-1", kSerial, "NONE-1"}) {
      RegistrarCall call = Call(Request(serial));
      call.authorization = absl::StrCat(
          "Basic ", absl::Base64Escape(absl::StrCat("registrar:", password)));
      const auto answer = registrar_desk_->RequestVoucher(call);
      outcomes.push_back(
          answer.ok() ? "OK"
                      : std::string(InfoOf(ReasonOf(answer.status())).name));
    }
    return outcomes;
  }

  const std::vector<std::string> served_ = {"OK", "OK", "DEVICE_UNKNOWN"};
  const std::vector<std::string> refused_ =
      std::vector<std::string>(3, "AUTHENTICATION_REQUIRED");
};

// TR-13, TR-20, EP-38, SE-16, AMB-04: 401 says why; the right password opens
// both resources; nobody else's registrars are asked.
TEST_F(Authentication, BasicIsAskedOfCustomersConfiguredSo) {
  Ask(masa::v1::REGISTRAR_AUTHENTICATION_BASIC);
  const std::string body = Request(kSerial);
  const struct {
    std::string authorization;
    int code;
  } cases[] = {
      {"", 401},
      {absl::StrCat("Basic ", absl::Base64Escape("registrar:wrong")), 401},
      {absl::StrCat("Bearer ", absl::Base64Escape("registrar:secret")), 401},
      {absl::StrCat("Basic ", absl::Base64Escape("registrar:secret")), 200},
  };
  for (const auto& c : cases) {
    RegistrarCall call = Call(body);
    call.authorization = c.authorization;
    const auto answer = registrar_desk_->RequestVoucher(call);
    EXPECT_EQ(answer.ok() ? 200 : InfoOf(ReasonOf(answer.status())).http_status,
              c.code);
    EXPECT_EQ(registrar_desk_->RequestAuditLog(call).ok(), c.code == 200);
    EXPECT_EQ(std::string(answer.status().message()).find("secret"),
              std::string::npos);
  }
  EXPECT_TRUE(Desk::Ask(Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_),
                               other_ca_))
                  .ok());
}

// TR-14, TR-18, TR-25: the signer's key or a certificate of its domain,
// whatever its usages; none and a stranger's are refused.
TEST_F(Authentication, ATlsCertificateOfTheDomainMayBeAsked) {
  Ask(masa::v1::REGISTRAR_AUTHENTICATION_TLS);
  const Identity tls = testing::MakeIdentity(Spec("tls", false), &domain_ca_);
  const struct {
    std::vector<std::string> chain;
    bool served;
  } cases[] = {
      {{}, false},
      {{RegistrarOf(other_ca_).CertificateDer(), other_ca_.CertificateDer()},
       false},
      {{domain_ca_.CertificateDer()}, true},
      {{registrar_.CertificateDer()}, true},
      {{tls.CertificateDer()}, true},
      {{"garbage"}, false},
  };
  for (const auto& c : cases) {
    RegistrarCall call = Call(Request(kSerial));
    call.tls_peer_chain_der = c.chain;
    const auto answer = registrar_desk_->RequestVoucher(call);
    EXPECT_EQ(answer.ok(), c.served) << answer.status();
    if (!c.served) {
      EXPECT_EQ(ReasonOf(answer.status()), Reason::kRegistrarUnknown);
    }
  }
}

TEST_F(Authentication, AnotherWithTheSameCertificateSwitchesItNotOff) {
  Ask(masa::v1::REGISTRAR_AUTHENTICATION_BASIC);
  AskByAnother(masa::v1::REGISTRAR_AUTHENTICATION_SIGNATURE);
  EXPECT_EQ(OutcomesWith("none"), refused_);
  EXPECT_EQ(OutcomesWith("other"), refused_);
  EXPECT_EQ(OutcomesWith("secret"), served_);
}

// Beside what is the owner's, the domain may be either's.
TEST_F(Authentication, AnotherWithTheSameCertificateLocksNobodyOut) {
  AskByAnother(masa::v1::REGISTRAR_AUTHENTICATION_BASIC);
  EXPECT_EQ(OutcomesWith("none"),
            (std::vector<std::string>{"OK", refused_[0], refused_[0]}));
  EXPECT_EQ(OutcomesWith("other"), served_);
  AskByAnother(masa::v1::REGISTRAR_AUTHENTICATION_TLS);
  EXPECT_EQ(OutcomesWith("none"),
            (std::vector<std::string>{"OK", "REGISTRAR_UNKNOWN",
                                      "REGISTRAR_UNKNOWN"}));
}

TEST_F(Authentication, AnothersPasswordOpensNothingOfTheOwners) {
  Ask(masa::v1::REGISTRAR_AUTHENTICATION_BASIC);
  AskByAnother(masa::v1::REGISTRAR_AUTHENTICATION_BASIC);
  EXPECT_EQ(OutcomesWith("none"), refused_);
  EXPECT_EQ(OutcomesWith("secret"), served_);
  EXPECT_EQ(OutcomesWith("other"),
            (std::vector<std::string>{refused_[0], "OK", "DEVICE_UNKNOWN"}));
}

}  // namespace
}  // namespace masa::issuance
