// Whole requests against whole use cases on the store in memory: bytes in,
// verdict out. Real signatures, real chains, a clock that stands still.
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/answer_registrar.h"
#include "services/issuance/serve_operators.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"
#include "services/testing/cms_sign.h"
#include "services/testing/fake_clock.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/cms.h"
#include "services/wire/voucher.h"
#include "storage/memory/memory_store.h"

namespace masa::issuance {
namespace {

using storage::MemoryStore;
using testing::CertificateSpec;
using testing::CmsOptions;
using testing::Identity;
using testing::RequestLeaves;

constexpr char kSerial[] = "S-1";
constexpr char kNonce[] = "-_XE9zK9q8Ll1qylMtLKeg";  // PV-14: base64url
constexpr char kCms[] = "application/voucher-cms+json";

absl::Time Noon() { return absl::FromUnixSeconds(1'790'000'000); }

std::string At(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

CertificateSpec Spec(const std::string& name, bool is_ca) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Noon() - absl::Hours(24 * 30);
  spec.not_after = Noon() + absl::Hours(24 * 365);
  spec.is_ca = is_ca;
  return spec;
}

Identity RegistrarOf(const Identity& ca, bool cmc_ra = true) {
  CertificateSpec spec = Spec("registrar", false);
  if (cmc_ra) {
    spec.extended_key_usages = {testing::kCmcRa};
    spec.extended_key_usage_critical = true;
  }
  return testing::MakeIdentity(spec, &ca);
}

class Desk : public ::testing::Test {
 protected:
  Desk() {
    CertificateSpec leaf = Spec("voucher signer", false);
    const Identity signer = testing::MakeIdentity(leaf, &voucher_root_);
    signer_ = *signing::LocalSigner::New(
        {{"key",
          signer.KeyPem(),
          "",
          signer.CertificatePem() + voucher_root_.CertificatePem(),
          {signing::Kind::kVoucherCms}}});
    policies_ = std::make_unique<Policies>(store_, clock_);
    templates_ = std::make_unique<CmsTemplates>(*signer_, clock_);
    tools_ = std::make_unique<Tools>(Tools{store_, store_, store_, *signer_,
                                           verifier_, clock_, *policies_,
                                           *templates_});
    registrar_desk_ = std::make_unique<AnswerRegistrar>(*tools_);
    operator_desk_ = std::make_unique<ServeOperators>(*tools_);
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), Catalog()).ok());
    Import(kSerial, "default");
    Import("OWNED-1", "owned");
  }

  masa::v1::Catalog Catalog() {
    masa::v1::Catalog catalog;
    auto* tenant = catalog.add_tenants();
    tenant->set_tenant_id("acme");
    tenant->add_host_names("masa.example");
    tenant->set_is_default(true);
    tenant->add_idevid_anchors_der(idevid_ca_.CertificateDer());
    for (const char* name : {"default", "owned"}) {
      auto* product = catalog.add_products();
      product->set_tenant_id("acme");
      product->set_product_id(name);
      product->add_formats(masa::v1::FORMAT_CMS_JSON);
      product->set_signing_key("key");
      product->set_ownership(masa::v1::OWNERSHIP_RULE_ANY_DOMAIN);
    }
    catalog.mutable_products(1)->set_ownership(
        masa::v1::OWNERSHIP_RULE_REQUIRED);
    catalog.mutable_products(1)->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
    for (const char* name : {"org-acme", "org-other"}) {
      auto* organization = catalog.add_organizations();
      organization->set_tenant_id("acme");
      organization->set_organization_id(name);
      organization->set_display_name(name);
    }
    AddDomain(&catalog, "org-acme", domain_ca_);
    AddDomain(&catalog, "org-other", other_ca_);
    return catalog;
  }

  static void AddDomain(masa::v1::Catalog* catalog, const std::string& org,
                        const Identity& ca) {
    auto* cert = catalog->add_domain_certs();
    cert->set_tenant_id("acme");
    cert->set_organization_id(org);
    cert->set_cert_id("cert-" + org);
    cert->set_certificate_der(ca.CertificateDer());
  }

  void Import(const std::string& serial, const std::string& product) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = serial;
    device.product_id = product;
    if (product == "owned") {
      device.organization_id = "org-acme";
    }
    const auto outcomes =
        store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail);
    EXPECT_TRUE(outcomes[0].ok()) << outcomes[0].status();
  }

  Identity Pledge(const std::string& serial) {
    CertificateSpec spec = Spec("pledge", false);
    spec.subject_serial_number = serial;
    return testing::MakeIdentity(spec, &idevid_ca_);
  }

  RequestLeaves PledgeLeaves(const std::string& serial) {
    RequestLeaves leaves;
    leaves.assertion = "proximity";
    leaves.created_on = At(Noon());
    leaves.serial_number = serial;
    leaves.nonce = kNonce;
    leaves.proximity_registrar_cert_der = registrar_.CertificateDer();
    return leaves;
  }

  RequestLeaves RegistrarLeaves(const std::string& serial) {
    RequestLeaves leaves;
    leaves.created_on = At(Noon());
    leaves.serial_number = serial;
    leaves.nonce = kNonce;
    return leaves;
  }

  std::string Signed(const RequestLeaves& leaves, const Identity& by,
                     const Identity& ca) {
    CmsOptions options;
    options.certificates_der = {by.CertificateDer(), ca.CertificateDer()};
    return testing::SignCms(testing::RequestJson(leaves), by, options);
  }

  // A good request for `serial`, with the pledge's own inside.
  std::string Request(const std::string& serial) {
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.prior_signed_voucher_request = testing::SignCms(
        testing::RequestJson(PledgeLeaves(serial)), Pledge(serial));
    return Signed(leaves, registrar_, domain_ca_);
  }

  RegistrarCall Call(const std::string& body) {
    RegistrarCall call;
    call.context.request_id = "id";
    call.host = "masa.example";
    call.content_type = kCms;
    call.body = body;
    return call;
  }

  absl::StatusOr<wire::Voucher> Ask(const std::string& body) {
    const auto answer = registrar_desk_->RequestVoucher(Call(body));
    if (!answer.ok()) {
      return answer.status();
    }
    EXPECT_EQ(answer->content_type, kCms);
    return wire::ParseVoucherJson(wire::ParseCms(answer->body)->payload);
  }

  Reason Refusal(const std::string& body) {
    return ReasonOf(registrar_desk_->RequestVoucher(Call(body)).status());
  }

  size_t EventsOf(const std::string& serial) {
    const auto found = store_.Find({}, {{{"acme", serial, {}}, ""}});
    return store_
        .ListForDevice({}, found[0]->device.bucket, found[0]->device.device_id,
                       100)
        ->size();
  }

  Identity voucher_root_ = testing::MakeIdentity(Spec("voucher root", true));
  Identity idevid_ca_ = testing::MakeIdentity(Spec("idevid ca", true));
  Identity domain_ca_ = testing::MakeIdentity(Spec("domain ca", true));
  Identity other_ca_ = testing::MakeIdentity(Spec("other ca", true));
  Identity registrar_ = RegistrarOf(domain_ca_);
  testing::FakeClock clock_{Noon()};
  MemoryStore store_;
  verification::BoringVerifier verifier_;
  std::unique_ptr<signing::LocalSigner> signer_;
  std::unique_ptr<Policies> policies_;
  std::unique_ptr<CmsTemplates> templates_;
  std::unique_ptr<Tools> tools_;
  std::unique_ptr<AnswerRegistrar> registrar_desk_;
  std::unique_ptr<ServeOperators> operator_desk_;
};

// EP-30, VL-01, VL-03, VL-05, PV-05, PV-15, PN-01, PN-04, VI-17.
TEST_F(Desk, GoodRequestGetsAProximityVoucherAndOneEvent) {
  const auto voucher = Ask(Request(kSerial));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY);
  EXPECT_EQ(voucher->serial_number, kSerial);
  EXPECT_EQ(voucher->nonce, kNonce);
  EXPECT_FALSE(voucher->expires_on.has_value());
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// PV-17, TR-11, RV-27: without the pledge's word it is a claim, logged.
TEST_F(Desk, RequestWithoutThePledgesIsLogged) {
  const auto voucher =
      Ask(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_LOGGED);
}

// RV-24, AL-28.
TEST_F(Desk, SameRequestGetsTheSameBytesAndNoSecondEvent) {
  const auto call = Call(Request(kSerial));
  const auto first = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(first.ok()) << first.status();
  clock_.Advance(absl::Minutes(1));
  const auto second = registrar_desk_->RequestVoucher(call);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->body, second->body);
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

struct BadCase {
  const char* what;
  std::string body;
  Reason reason;
};

TEST_F(Desk, EachFaultHasItsReasonAndLeavesNoTrace) {
  const std::string good = Request(kSerial);
  CmsOptions broken;
  broken.certificates_der = {registrar_.CertificateDer()};
  broken.break_signature = true;
  CmsOptions bare;
  bare.certificates_der = {registrar_.CertificateDer()};
  bare.signed_attributes = false;
  const std::string json = testing::RequestJson(RegistrarLeaves(kSerial));
  RequestLeaves stale = RegistrarLeaves(kSerial);
  stale.created_on = At(Noon() - absl::Hours(26));
  RequestLeaves nonceless = RegistrarLeaves(kSerial);
  nonceless.nonce.reset();
  RequestLeaves other_nonce = RegistrarLeaves(kSerial);
  other_nonce.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  other_nonce.prior_signed_voucher_request = testing::SignCms(
      testing::RequestJson(PledgeLeaves(kSerial)), Pledge(kSerial));
  RequestLeaves other_device = RegistrarLeaves(kSerial);
  other_device.prior_signed_voucher_request = testing::SignCms(
      testing::RequestJson(PledgeLeaves(kSerial)), Pledge("S-2"));
  RequestLeaves strange = RegistrarLeaves(kSerial);
  strange.prior_signed_voucher_request =
      testing::SignCms(testing::RequestJson(PledgeLeaves(kSerial)),
                       testing::MakeIdentity(Spec("stranger", false)));
  RequestLeaves afar = RegistrarLeaves(kSerial);
  RequestLeaves saw_another = PledgeLeaves(kSerial);
  saw_another.proximity_registrar_cert_der =
      RegistrarOf(other_ca_).CertificateDer();
  afar.prior_signed_voucher_request =
      testing::SignCms(testing::RequestJson(saw_another), Pledge(kSerial));
  const BadCase cases[] = {
      {"EP-37 garbage", "garbage", Reason::kMalformed},
      {"EP-37 truncated", good.substr(0, good.size() / 2), Reason::kMalformed},
      {"RV-01 unsigned JSON", json, Reason::kMalformed},
      {"RV-05 signature", testing::SignCms(json, registrar_, broken),
       Reason::kSignatureInvalid},
      {"CM-06 no attributes", testing::SignCms(json, registrar_, bare),
       Reason::kNotSigned},
      {"RV-08 no cmcRA",
       Signed(RegistrarLeaves(kSerial), RegistrarOf(domain_ca_, false),
              domain_ca_),
       Reason::kRegistrarNotAuthorized},
      {"RV-12 unknown serial",
       Signed(RegistrarLeaves("NONE"), registrar_, domain_ca_),
       Reason::kDeviceUnknown},
      {"RV-18 stale", Signed(stale, registrar_, domain_ca_), Reason::kStale},
      {"VI-02 nonceless", Signed(nonceless, registrar_, domain_ca_),
       Reason::kNonceRequired},
      {"PV-11 nonce", Signed(other_nonce, registrar_, domain_ca_),
       Reason::kNonceMismatch},
      {"PV-08 serial", Signed(other_device, registrar_, domain_ca_),
       Reason::kSerialMismatch},
      {"PV-02 strange IDevID", Signed(strange, registrar_, domain_ca_),
       Reason::kPriorSignedInvalid},
      {"AMB-03 proximity", Signed(afar, registrar_, domain_ca_),
       Reason::kProximityMismatch},
  };
  for (const BadCase& c : cases) {
    EXPECT_EQ(InfoOf(Refusal(c.body)).name, InfoOf(c.reason).name) << c.what;
  }
  EXPECT_EQ(EventsOf(kSerial), 0u);
}

// RV-32.
TEST_F(Desk, ExpiredRegistrarIsRefused) {
  const std::string body = Request(kSerial);
  clock_.Advance(absl::Hours(24 * 400));
  EXPECT_EQ(Refusal(body), Reason::kCertificateExpired);
}

// OW-01, AMB-22: the owner is served; a stranger cannot tell a foreign device
// from none; another customer is told.
TEST_F(Desk, OwnedProductIsForItsOwner) {
  const auto voucher = Ask(Request("OWNED-1"));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  const Identity stranger_ca = testing::MakeIdentity(Spec("nobody", true));
  const auto foreign = registrar_desk_->RequestVoucher(Call(Signed(
      RegistrarLeaves("OWNED-1"), RegistrarOf(stranger_ca), stranger_ca)));
  const auto unknown = registrar_desk_->RequestVoucher(Call(
      Signed(RegistrarLeaves("NONE"), RegistrarOf(stranger_ca), stranger_ca)));
  EXPECT_EQ(foreign.status(), unknown.status());
  EXPECT_EQ(ReasonOf(foreign.status()), Reason::kDeviceUnknown);
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("OWNED-1"), RegistrarOf(other_ca_),
                           other_ca_)),
            Reason::kOwnerMismatch);
}

// VI-04, VI-06, VL-02, OW-04, TR-18.
TEST_F(Desk, OwnerGetsANoncelessVoucherThatEnds) {
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
  EXPECT_FALSE(voucher->nonce.has_value());
  EXPECT_EQ(voucher->expires_on, Noon() + absl::Minutes(20));
}

// AMB-27: a repeat after the voucher's end is judged anew.
TEST_F(Desk, RepeatAfterTheEndIsANewGeneration) {
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const std::string body = Signed(leaves, registrar_, domain_ca_);
  ASSERT_TRUE(Ask(body).ok());
  clock_.Advance(absl::Minutes(30));
  const auto voucher = Ask(body);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->expires_on, clock_.Now() + absl::Minutes(20));
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

// EP-44: the store fails before or after it has written; either way nothing
// is released, and the retry finds exactly one voucher.
TEST_F(Desk, NoVoucherLeavesWithoutItsEvent) {
  const std::string body = Request(kSerial);
  store_.Stop(true);
  EXPECT_EQ(Refusal(body), Reason::kStoreUnavailable);
  store_.Stop(false);
  EXPECT_EQ(EventsOf(kSerial), 0u);
  ASSERT_TRUE(Ask(body).ok());
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// EP-50, EP-53, AL-05, AL-08, AL-12.
TEST_F(Desk, AuditLogIsForOwnersOnly) {
  const std::string body = Request(kSerial);
  const auto before = registrar_desk_->RequestAuditLog(Call(body));
  EXPECT_EQ(ReasonOf(before.status()), Reason::kAuditLogUnknown);
  ASSERT_TRUE(Ask(body).ok());
  clock_.Advance(absl::Hours(48));  // RV-18: no window on the audit log
  const auto log = registrar_desk_->RequestAuditLog(Call(body));
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(log->content_type, "application/json");
  EXPECT_NE(log->body.find("\"version\":1"), std::string::npos) << log->body;
  EXPECT_NE(log->body.find(kNonce), std::string::npos);
  const auto stranger = registrar_desk_->RequestAuditLog(Call(
      Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_), other_ca_)));
  EXPECT_EQ(stranger.status(), before.status());
}

// EP-35, EP-36, AMB-02, TR-10.
TEST_F(Desk, WrongHeadersAndHostsAreRefused) {
  RegistrarCall call = Call(Request(kSerial));
  call.content_type = "application/json";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kMediaTypeUnknown);
  call.content_type = kCms;
  call.accept = "foo/bar";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kMediaTypeUnknown);
  call.accept = "application/voucher+cose";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kFormatNotForDevice);
  call.accept = "*/*";
  call.host = "other.example";
  EXPECT_EQ(ReasonOf(registrar_desk_->RequestVoucher(call).status()),
            Reason::kTenantUnknown);
}

identity::Principal Operator() {
  return {identity::Role::kOperator, "op", "acme", ""};
}

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization, "acme", organization};
}

TEST_F(Desk, CustomersLearnNothingOfOthersDevices) {
  const storage::DeviceKey owned{"acme", "OWNED-1", {}};
  const storage::DeviceKey none{"acme", "NONE", {}};
  EXPECT_TRUE(operator_desk_->GetDevice({}, Customer("org-acme"), owned).ok());
  const auto foreign =
      operator_desk_->GetDevice({}, Customer("org-other"), owned);
  const auto unknown =
      operator_desk_->GetDevice({}, Customer("org-other"), none);
  EXPECT_EQ(foreign.status(), unknown.status());
  EXPECT_EQ(ReasonOf(foreign.status()), Reason::kDeviceUnknown);
  EXPECT_EQ(ReasonOf(operator_desk_
                         ->AssignDevices({}, Customer("org-acme"), {owned},
                                         "org-other")
                         .status()),
            Reason::kPermissionDenied);
}

TEST_F(Desk, OwnershipIsResolvedAsTheRulesWould) {
  const std::string domain =
      (*wire::Certificate::Parse(domain_ca_.CertificateDer()))->spki_sha256;
  const struct {
    const char* serial;
    std::string spki;
    OwnershipDecision decision;
  } cases[] = {
      {"OWNED-1", domain, OwnershipDecision::kAllow},
      {"OWNED-1", "", OwnershipDecision::kDeny},
      {kSerial, domain, OwnershipDecision::kLogOnly},
  };
  for (const auto& c : cases) {
    const auto answer = operator_desk_->ResolveOwnership(
        {}, Operator(), {"acme", c.serial, {}}, c.spki);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->decision, c.decision) << c.serial;
  }
}

TEST_F(Desk, OperatorIssuesOncePerRequestId) {
  IssueOrder order;
  order.device = {"acme", "OWNED-1", {}};
  order.pinned_cert_der = domain_ca_.CertificateDer();
  order.expires_on = Noon() + absl::Hours(1);
  order.request_id = "id-1";
  const auto first = operator_desk_->IssueVoucher({}, Operator(), order);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->voucher.assertion, masa::v1::ASSERTION_VERIFIED);
  const auto again = operator_desk_->IssueVoucher({}, Operator(), order);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->voucher.voucher, first->voucher.voucher);
  order.pinned_cert_der = other_ca_.CertificateDer();
  EXPECT_EQ(
      ReasonOf(operator_desk_->IssueVoucher({}, Operator(), order).status()),
      Reason::kRequestIdReused);
  order.request_id = "id-2";
  EXPECT_EQ(
      ReasonOf(operator_desk_->IssueVoucher({}, Operator(), order).status()),
      Reason::kOwnerMismatch);
}

}  // namespace
}  // namespace masa::issuance
