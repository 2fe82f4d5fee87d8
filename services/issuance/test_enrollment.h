// A tenant with a CA, a profile and a factory line, and the use cases of EST on
// stores in memory: for tests of whole requests. Real signatures, a clock that
// stands still.
#ifndef SERVICES_ISSUANCE_TEST_ENROLLMENT_H_
#define SERVICES_ISSUANCE_TEST_ENROLLMENT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/issuance/enroll_certificates.h"
#include "services/issuance/serve_certificates.h"
#include "services/issuance/sign_statuses.h"
#include "services/issuance/tell_status.h"
#include "services/issuance/versioned_signer.h"
#include "services/signing/local_signer.h"
#include "services/status/reason.h"
#include "services/testing/certification_requests.h"
#include "services/testing/fake_clock.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/certificate.h"
#include "storage/memory/memory_certificates.h"
#include "storage/memory/memory_store.h"

namespace masa::issuance {

class Enrolling : public ::testing::Test {
 protected:
  static absl::Time Noon() { return absl::FromUnixSeconds(1'790'000'000); }

  static testing::Identity Make(const std::string& name, bool is_ca) {
    testing::CertificateSpec spec;
    spec.common_name = name;
    spec.is_ca = is_ca;
    spec.not_before = Noon() - absl::Hours(24);
    spec.not_after = Noon() + absl::Hours(24 * 365);
    return testing::MakeIdentity(spec);
  }

  Enrolling() {
    signer_ = *signing::LocalSigner::New(
        {{{"ca",
           ca_.CertificatePem(),
           {signing::Kind::kCertificate, signing::Kind::kCrl,
            signing::Kind::kOcspResponse}},
          ca_.KeyPem(),
          ""}});
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), Catalog()).ok());
  }

  masa::v1::Catalog Catalog() const {
    masa::v1::Catalog catalog;
    auto* tenant = catalog.add_tenants();
    tenant->set_tenant_id("acme");
    tenant->add_host_names("est.masa.example");
    tenant->add_idevid_anchors_der(ca_.CertificateDer());
    auto* profile = tenant->add_enrollment_profiles();
    profile->set_label("factory");
    profile->set_is_default(true);
    profile->set_kind(masa::v1::ENROLLMENT_KIND_IDEVID);
    profile->set_signing_key("ca");
    profile->set_product_id("default");
    profile->set_masa_url("masa.example");
    auto* line = profile->add_factory_lines();
    line->set_name("line-1");
    line->set_spki_sha256(
        (*wire::Certificate::Parse(line_.CertificateDer()))->spki_sha256);
    auto* product = catalog.add_products();
    product->set_tenant_id("acme");
    product->set_product_id("default");
    product->add_formats(masa::v1::FORMAT_CMS_JSON);
    product->set_ownership(masa::v1::OWNERSHIP_RULE_ANY_DOMAIN);
    product->set_signing_key("voucher");
    return catalog;
  }

  // A request of the line for the device, with a key of its own.
  EstCall CallFor(const std::string& serial) {
    return CallFor(serial, Make("device", false));
  }
  EstCall CallFor(const std::string& serial, const testing::Identity& key) {
    EstCall call;
    call.operation = EstOperation::kSimpleEnroll;
    call.host = "est.masa.example";
    call.content_type = "application/pkcs10";
    call.body = absl::Base64Escape(
        testing::MakeRequest(testing::ForDevice(serial), key.key.get()));
    call.tls_peer_chain_der = {line_.CertificateDer()};
    return call;
  }

  // The certificate of a device that the line enrols; expects success.
  std::string Enrolled(const std::string& serial) {
    const auto answer = desk_.AskOne(CallFor(serial));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->certificates_der.front() : "";
  }

  // What becomes of calls that come together: OK or a reason's name, of each.
  std::vector<std::string> OutcomesOf(const std::vector<EstCall>& asked) {
    std::vector<std::string> outcomes(asked.size());
    std::vector<PendingEst> calls;
    for (const EstCall& call : asked) {
      std::string& outcome = outcomes[calls.size()];
      calls.push_back({call, [&outcome](absl::StatusOr<EstAnswer> answer) {
                         outcome =
                             answer.ok()
                                 ? "OK"
                                 : std::string(
                                       InfoOf(ReasonOf(answer.status())).name);
                       }});
    }
    desk_.Ask(std::move(calls));
    return outcomes;
  }

  int CountEvents(const std::string& kind) const {
    int count = 0;
    for (const auto& event : store_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }

  const testing::Identity ca_ = Make("Acme CA", true);
  const testing::Identity line_ = Make("line", false);
  testing::FakeClock clock_{Noon()};
  storage::MemoryStore store_;
  storage::MemoryCertificates certificates_{store_};
  std::unique_ptr<signing::LocalSigner> signer_;
  bool signs_statuses_ = true;  // else the key fails at what OCSP tells
  verification::BoringVerifier verifier_;
  Policies policies_{store_, clock_};
  EnrollCertificates desk_{Tools()};
  ServeCertificates operators_{Tools()};
  TellStatus status_{Tools()};
  SignStatuses signing_ahead_{Tools()};
  const identity::Principal operator_ = {identity::Role::kOperator, "ada",
                                         "acme", ""};

 private:
  // What is referred to is made by the time that it is used.
  EnrollmentTools Tools() {
    return {policies_,  certificates_, certificates_,
            versioned_, verifier_,     clock_};
  }

  // The signer is made in the constructor's body.
  class Lazy final : public signing::Signer {
   public:
    Lazy(const std::unique_ptr<signing::LocalSigner>& signer,
         const bool& signs_statuses)
        : signer_(signer), signs_statuses_(signs_statuses) {}
    std::vector<absl::StatusOr<std::string>> Sign(
        const RequestContext& context, const std::string& key,
        absl::Span<const signing::ToBeSigned> items) override {
      auto signatures = signer_->Sign(context, key, items);
      for (size_t i = 0; i < items.size() && !signs_statuses_; ++i) {
        if (items[i].kind() == signing::Kind::kOcspResponse) {
          signatures[i] = Refuse(Reason::kSignerUnavailable, "not now");
        }
      }
      return signatures;
    }
    absl::StatusOr<signing::KeyDescription> Describe(
        const RequestContext& context, const std::string& key) override {
      return signer_->Describe(context, key);
    }

   private:
    const std::unique_ptr<signing::LocalSigner>& signer_;
    const bool& signs_statuses_;
  };
  Lazy lazy_{signer_, signs_statuses_};
  VersionedSigner versioned_{lazy_, store_, clock_};
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_ENROLLMENT_H_
