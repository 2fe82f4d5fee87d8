// What the tests of this room sign, and with what.
#ifndef SERVICES_SIGNING_TEST_ITEMS_H_
#define SERVICES_SIGNING_TEST_ITEMS_H_

#include <string>

#include "gtest/gtest.h"
#include "services/signing/local_signer.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"
#include "services/wire/certificate.h"
#include "services/wire/cms.h"

namespace masa::signing {

using testing::Identity;
using testing::KeyKind;

inline constexpr auto kP256 = SignatureAlgorithm::kEcdsaP256Sha256;

inline absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 3, 0, 0),
                         absl::UTCTimeZone());
}

inline Identity Make(KeyKind key) {
  testing::CertificateSpec spec;
  spec.common_name = "masa";
  spec.not_before = Now() - absl::Hours(1);
  spec.not_after = Now() + absl::Hours(1);
  spec.key = key;
  return testing::MakeIdentity(spec);
}

inline wire::Voucher NoncedVoucher() {
  wire::Voucher voucher;
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.created_on = Now();
  voucher.serial_number = "DEMO-0001";
  voucher.nonce = testing::Base64("0123456789abcdef");
  voucher.idevid_issuer = wire::AuthorityKeyIdExtension(std::string(20, 'k'));
  voucher.pinned_domain_cert_der = "a certificate";
  return voucher;
}

inline std::string JsonOf(const wire::Voucher& voucher) {
  return wire::EncodeVoucherJson(
      voucher, testing::Base64(voucher.pinned_domain_cert_der));
}

inline wire::CmsTemplate TemplateFor(SignatureAlgorithm algorithm) {
  auto made = wire::CmsTemplate::Create({Make(KeyKind::kP256).CertificateDer()},
                                        algorithm, false);
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

inline ToBeSigned Prepare(const wire::Voucher& written,
                          const wire::Voucher& expected,
                          SignatureAlgorithm algorithm) {
  const std::string content = JsonOf(written);
  return ToBeSigned::Voucher(
      masa::v1::FORMAT_CMS_JSON,
      TemplateFor(algorithm).EncodeSignedAttributes(content, Now()), content,
      expected);
}

inline LocalKeySource SourceOf(const Identity& identity) {
  return {{"k", identity.CertificatePem(), {Kind::kVoucherCms}},
          identity.KeyPem(),
          ""};
}

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_TEST_ITEMS_H_
