// What a customer's registrars show besides their signature.
#include <string>

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
    auto* customer = change.add_organizations();
    customer->set_tenant_id("acme");
    customer->set_organization_id("org-acme");
    customer->set_registrar_authentication(how);
    *customer->add_basic_credentials() = identity::MakeBasicCredential(
        "registrar", "secret", std::string(16, 's'));
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), change).ok());
  }
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

}  // namespace
}  // namespace masa::issuance
