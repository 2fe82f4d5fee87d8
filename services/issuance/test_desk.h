// A tenant with two products, two customers and a device of each product, and
// the use cases on the store in memory: for tests of whole requests. Real
// signatures, real chains, a clock that stands still.
#ifndef SERVICES_ISSUANCE_TEST_DESK_H_
#define SERVICES_ISSUANCE_TEST_DESK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/issuance/answer_registrar.h"
#include "services/issuance/readiness.h"
#include "services/issuance/serve_operators.h"
#include "services/issuance/serve_registry.h"
#include "services/issuance/serve_resolves.h"
#include "services/issuance/serve_transfers.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"
#include "services/testing/cms_sign.h"
#include "services/testing/fake_clock.h"
#include "services/testing/requests.h"
#include "services/testing/sign_request.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
#include "services/wire/jws.h"
#include "services/wire/voucher.h"
#include "storage/memory/memory_store.h"

namespace masa::issuance {

using storage::MemoryStore;
using testing::CertificateSpec;
using testing::CmsOptions;
using testing::Container;
using testing::Identity;
using testing::RequestLeaves;

inline constexpr char kSerial[] = "S-1";
// Requestor in the root group of each customer.
inline constexpr char kAccount[] = "robot";
inline constexpr char kNonce[] = "-_XE9zK9q8Ll1qylMtLKeg";  // PV-14: base64url
inline constexpr char kCms[] = "application/voucher-cms+json";

inline const std::vector<signing::Kind> kVoucherKinds = {
    signing::Kind::kVoucherCms, signing::Kind::kVoucherJws,
    signing::Kind::kVoucherCose};

inline absl::Time Noon() { return absl::FromUnixSeconds(1'790'000'000); }

inline std::string At(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

inline CertificateSpec Spec(const std::string& name, bool is_ca) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Noon() - absl::Hours(24 * 30);
  spec.not_after = Noon() + absl::Hours(24 * 365);
  spec.is_ca = is_ca;
  return spec;
}

inline Identity RegistrarOf(const Identity& ca, bool cmc_ra = true) {
  CertificateSpec spec = Spec("registrar", false);
  if (cmc_ra) {
    spec.extended_key_usages = {testing::kCmcRa};
    spec.extended_key_usage_critical = true;
  }
  return testing::MakeIdentity(spec, &ca);
}

class Desk : public ::testing::Test {
 protected:
  std::string ChainOf(const Identity& signer) const {
    return signer.CertificatePem() + voucher_root_.CertificatePem();
  }

  Desk() {
    CertificateSpec leaf = Spec("voucher signer", false);
    const Identity signer = testing::MakeIdentity(leaf, &voucher_root_);
    leaf.key = testing::KeyKind::kP384;
    const Identity second = testing::MakeIdentity(leaf, &voucher_root_);
    signer_ = *signing::LocalSigner::New(
        {{{"key", ChainOf(signer), kVoucherKinds}, signer.KeyPem(), ""},
         {{"key-p384", ChainOf(second), kVoucherKinds}, second.KeyPem(), ""},
         {{"key-endless", ChainOf(signer), kVoucherKinds, true},
          signer.KeyPem(),
          ""}});
    policies_ = std::make_unique<Policies>(store_, clock_);
    templates_ = std::make_unique<VoucherTemplates>(*signer_, clock_);
    tools_ = std::make_unique<Tools>(
        Tools{store_, store_, store_, *signer_, verifier_, clock_, *policies_,
              *templates_, store_, store_, store_});
    registrar_desk_ = std::make_unique<AnswerRegistrar>(*tools_);
    operator_desk_ = std::make_unique<ServeOperators>(*tools_);
    resolve_desk_ = std::make_unique<ServeResolves>(
        ResolveTools{store_, store_, store_, *policies_, clock_});
    registry_desk_ =
        std::make_unique<ServeRegistry>(*tools_, RegistryTools{store_, store_});
    transfer_desk_ = std::make_unique<ServeTransfers>(*tools_, store_, store_);
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
      product->add_formats(masa::v1::FORMAT_JWS_JSON);
      product->add_formats(masa::v1::FORMAT_COSE_CBOR);
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
    for (const char* name : {"org-acme", "org-other"}) {
      auto* binding = catalog.add_access_bindings();
      binding->set_tenant_id("acme");
      binding->set_organization_id(name);
      binding->set_username(kAccount);
      binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
      binding->set_role(masa::v1::GROUP_ROLE_REQUESTOR);
    }
    AddDomain(&catalog, "org-acme", domain_ca_);
    AddDomain(&catalog, "org-other", other_ca_);
    return catalog;
  }

  // Changes the product of kSerial, and lets the new policy be seen.
  template <typename Change>
  void ChangeProduct(Change change) {
    masa::v1::Catalog catalog = Catalog();
    change(catalog.mutable_products(0));
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
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
    return testing::SignRequest(container_, leaves, by,
                                {by.CertificateDer(), ca.CertificateDer()});
  }

  // As the pledge signs it: its IDevID enclosed, but in COSE by the registrar.
  std::string PledgeSigned(const RequestLeaves& leaves, const Identity& by) {
    return testing::SignRequest(
        container_, leaves, by,
        container_ == Container::kCose
            ? std::vector<std::string>()
            : std::vector<std::string>{by.CertificateDer()});
  }

  // As the registrar would sign `pvr` on, for `serial`.
  std::string Wrapping(const std::string& pvr, const std::string& serial) {
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.prior_signed_voucher_request = pvr;
    return Signed(leaves, registrar_, domain_ca_);
  }

  // A good request for `serial`, with the pledge's own inside.
  std::string Request(const std::string& serial) {
    const Identity pledge = Pledge(serial);
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.prior_signed_voucher_request =
        PledgeSigned(PledgeLeaves(serial), pledge);
    return SignedWithPledge(leaves, pledge);
  }

  // As the registrar signs on what `pledge` asked (CO-05).
  std::string SignedWithPledge(const RequestLeaves& leaves,
                               const Identity& pledge) {
    std::vector<std::string> certificates = {registrar_.CertificateDer(),
                                             domain_ca_.CertificateDer()};
    if (container_ == Container::kCose) {
      certificates.insert(certificates.begin(), {pledge.CertificateDer(),
                                                 idevid_ca_.CertificateDer()});
    }
    return testing::SignRequest(container_, leaves, registrar_, certificates);
  }

  RegistrarCall Call(const std::string& body) {
    RegistrarCall call;
    call.context.request_id = "id";
    call.host = "masa.example";
    call.content_type = testing::MediaType(container_);
    call.body = body;
    return call;
  }

  absl::StatusOr<wire::Voucher> Ask(const std::string& body) {
    const auto answer = registrar_desk_->RequestVoucher(Call(body));
    if (!answer.ok()) {
      return answer.status();
    }
    EXPECT_EQ(answer->content_type, testing::MediaType(container_));
    return Opened(answer->body);
  }

  // The data of an artifact of ours, whose signature is checked on the way.
  absl::StatusOr<wire::Voucher> Opened(const std::string& body) {
    const auto artifact = container_ == Container::kCms ? wire::ParseCms(body)
                          : container_ == Container::kJws
                              ? wire::ParseJws(body)
                              : wire::ParseCose(body);
    if (!artifact.ok()) {
      return artifact.status();
    }
    const wire::SignerInfo& signer = artifact->signers.front();
    const absl::Status verified = verifier_.VerifySignature(
        signer.algorithm, artifact->certificates[signer.certificate]->spki_der,
        signer.signed_octets, signer.signature);
    if (!verified.ok()) {
      return verified;
    }
    return wire::ParseVoucherContent(artifact->format, artifact->payload);
  }

  Reason Refusal(const std::string& body) {
    return ReasonOf(registrar_desk_->RequestVoucher(Call(body)).status());
  }

  absl::StatusOr<std::string> Log(const std::string& body) {
    const auto answer = registrar_desk_->RequestAuditLog(Call(body));
    if (!answer.ok()) {
      return answer.status();
    }
    return answer->body;
  }

  // As if a stranger had got `count` vouchers for the device.
  void Flood(const std::string& serial, int count) {
    const auto found = store_.Find({}, {{{"acme", serial, {}}, ""}});
    std::vector<storage::IssuedVoucher> vouchers(count);
    for (int i = 0; i < count; ++i) {
      storage::IssuedVoucher& voucher = vouchers[i];
      voucher.voucher_id =
          absl::StrCat("flood", absl::Dec(i, absl::kZeroPad11));
      voucher.audit_event_id = voucher.voucher_id;
      voucher.tenant_id = "acme";
      voucher.device_id = found[0]->device.device_id;
      voucher.bucket = found[0]->device.bucket;
      voucher.request_digest = voucher.voucher_id + voucher.voucher_id;
      voucher.voucher = "flood";
      voucher.assertion = masa::v1::ASSERTION_LOGGED;
      voucher.nonce = "nonce";
      voucher.created_on = clock_.Now() + absl::Seconds(1);
      voucher.domain_id = "flood";
      voucher.pinned_spki_sha256 = std::string(32, 'f');
    }
    for (const auto& outcome : store_.Commit({}, std::move(vouchers))) {
      EXPECT_TRUE(outcome.ok()) << outcome.status();
    }
  }

  size_t EventsOf(const std::string& serial) {
    const auto found = store_.Find({}, {{{"acme", serial, {}}, ""}});
    return store_
        .ListForDevice({}, found[0]->device.bucket, found[0]->device.device_id,
                       100)
        ->size();
  }

  Container container_ = Container::kCms;
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
  std::unique_ptr<VoucherTemplates> templates_;
  std::unique_ptr<Tools> tools_;
  std::unique_ptr<AnswerRegistrar> registrar_desk_;
  std::unique_ptr<ServeOperators> operator_desk_;
  std::unique_ptr<ServeResolves> resolve_desk_;
  std::unique_ptr<ServeRegistry> registry_desk_;
  std::unique_ptr<ServeTransfers> transfer_desk_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_DESK_H_
