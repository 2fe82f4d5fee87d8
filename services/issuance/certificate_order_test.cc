// RV-02: whatever lies beside each other in a request, its order decides
// nothing: each request is asked with its certificates in every order.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

using Certificates = std::vector<std::string>;

CertificateSpec RegistrarSpec(const std::string& name) {
  CertificateSpec spec = Spec(name, false);
  spec.extended_key_usages = {testing::kCmcRa};
  return spec;
}

class Order : public Desk {
 protected:
  Order() {
    expired_.not_after = Noon() - absl::Hours(1);
    expired_.extended_key_usages = {testing::kCmcRa};
  }

  // The answer in the container, with `enclosed` as they stand.
  using Asking = std::function<absl::StatusOr<wire::Voucher>(
      const Certificates& enclosed)>;

  Asking By(Container container, const Identity& registrar) {
    return [this, container, registrar](const Certificates& enclosed) {
      container_ = container;
      return Ask(testing::SignRequest(container, RegistrarLeaves(kSerial),
                                      registrar, enclosed));
    };
  }

  // In CMS, the signer named by its key identifier.
  Asking ByKeyId(const Identity& registrar) {
    return [this, registrar](const Certificates& enclosed) {
      CmsOptions options;
      options.certificates_der = enclosed;
      options.by_key_id = true;
      container_ = Container::kCms;
      return Ask(testing::SignCms(
          testing::RequestJson(RegistrarLeaves(kSerial)), registrar, options));
    };
  }

  static void ExpectPin(const Asking& ask, Certificates enclosed,
                        const Identity& pinned) {
    std::sort(enclosed.begin(), enclosed.end());
    do {
      const auto voucher = ask(enclosed);
      ASSERT_TRUE(voucher.ok()) << voucher.status();
      EXPECT_EQ(voucher->pinned_domain_cert_der, pinned.CertificateDer());
    } while (std::next_permutation(enclosed.begin(), enclosed.end()));
  }

  CertificateSpec expired_ = Spec("registrar", false);
  const std::vector<Container> bags_ = {Container::kCms, Container::kCose};
};

// A root that was renewed with its key: the old one has expired, or not yet.
TEST_F(Order, OfARenewedRootTheNewOneIsPinned) {
  for (const absl::Duration left : {absl::Hours(-1), absl::Hours(1)}) {
    CertificateSpec old_spec = Spec("domain ca", true);
    old_spec.not_after = Noon() + left;
    const Identity old = testing::Reissue(domain_ca_, old_spec);
    for (const Container container : bags_) {
      ExpectPin(By(container, registrar_),
                {registrar_.CertificateDer(), old.CertificateDer(),
                 domain_ca_.CertificateDer()},
                domain_ca_);
    }
  }
}

// Without key identifiers the name alone does not say which CA it was.
TEST_F(Order, OfCasOfOneNameTheOneThatSignedIsPinned) {
  CertificateSpec ca = Spec("bare ca", true);
  ca.key_identifiers = false;
  CertificateSpec spec = RegistrarSpec("registrar");
  spec.key_identifiers = false;
  const Identity first = testing::MakeIdentity(ca);
  const Identity second = testing::MakeIdentity(ca);
  for (const Identity* by : {&first, &second}) {
    const Identity registrar = testing::MakeIdentity(spec, by);
    for (const Container container : bags_) {
      ExpectPin(By(container, registrar),
                {registrar.CertificateDer(), first.CertificateDer(),
                 second.CertificateDer()},
                *by);
    }
  }
}

// A sub-CA certified by two roots of which one is enclosed.
TEST_F(Order, OfTwoWaysUpTheOneThatGoesOnIsTaken) {
  ChangeProduct([](auto* p) { p->set_pin(masa::v1::PIN_RULE_HIGHEST_CA); });
  CertificateSpec spec = Spec("sub", true);
  const Identity sub = testing::MakeIdentity(spec, &domain_ca_);
  spec.not_after += absl::Hours(1);
  const Identity cross = testing::Reissue(sub, spec, &other_ca_);
  const Identity registrar =
      testing::MakeIdentity(RegistrarSpec("registrar"), &sub);
  for (const Container container : bags_) {
    ExpectPin(By(container, registrar),
              {registrar.CertificateDer(), sub.CertificateDer(),
               cross.CertificateDer(), domain_ca_.CertificateDer()},
              domain_ca_);
  }
}

// A registrar that was renewed with its key, or will be.
TEST_F(Order, OfARegistrarsCertificatesTheOneThatIsValidCounts) {
  CertificateSpec next_spec = RegistrarSpec("registrar");
  next_spec.not_before = Noon() + absl::Hours(1);
  next_spec.not_after += absl::Hours(1);
  for (const CertificateSpec& other : {expired_, next_spec}) {
    const Identity beside = testing::Reissue(registrar_, other, &domain_ca_);
    const Certificates enclosed = {registrar_.CertificateDer(),
                                   beside.CertificateDer(),
                                   domain_ca_.CertificateDer()};
    ExpectPin(By(Container::kCose, registrar_), enclosed, domain_ca_);
    ExpectPin(ByKeyId(registrar_), enclosed, domain_ca_);
  }
}

// RV-11: the same of the certificate that the pledge saw in TLS.
TEST_F(Order, OfATlsCertificateTheOneThatIsValidCounts) {
  const Identity tls = testing::MakeIdentity(Spec("tls", false), &domain_ca_);
  CertificateSpec spec = Spec("tls", false);
  spec.not_after = Noon() - absl::Hours(1);
  const Identity old = testing::Reissue(tls, spec, &domain_ca_);
  RequestLeaves pledge = PledgeLeaves(kSerial);
  pledge.proximity_registrar_cert_der = tls.CertificateDer();
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.prior_signed_voucher_request =
      testing::SignCms(testing::RequestJson(pledge), Pledge(kSerial));
  Certificates enclosed = {tls.CertificateDer(), old.CertificateDer(),
                           registrar_.CertificateDer(),
                           domain_ca_.CertificateDer()};
  std::sort(enclosed.begin(), enclosed.end());
  do {
    const auto voucher = Ask(
        testing::SignRequest(Container::kCms, leaves, registrar_, enclosed));
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY);
  } while (std::next_permutation(enclosed.begin(), enclosed.end()));
}

// PV-04: among many registrars in a bag the signer may stand anywhere.
TEST_F(Order, OfManyRegistrarsTheSignerIsFound) {
  Certificates enclosed = {registrar_.CertificateDer(),
                           domain_ca_.CertificateDer()};
  while (enclosed.size() < 16) {
    enclosed.push_back(RegistrarOf(domain_ca_).CertificateDer());
  }
  for (size_t turn = 0; turn < enclosed.size(); ++turn) {
    std::rotate(enclosed.begin(), enclosed.begin() + 1, enclosed.end());
    const auto voucher = By(Container::kCose, registrar_)(enclosed);
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  }
}

}  // namespace
}  // namespace masa::issuance
