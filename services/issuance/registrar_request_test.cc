// What registrars really send: chains of every shape and order, leaves that
// count and leaves that do not, and the issuer of the IDevID in its forms.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/sha.h"
#include "openssl/x509.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

using testing::KeyKind;

std::string SignedWith(const std::string& json, const Identity& by,
                       const std::vector<std::string>& certificates_der) {
  CmsOptions options;
  options.certificates_der = certificates_der;
  return testing::SignCms(json, by, options);
}

// `json` with `leaves` added behind the last one.
std::string WithLeaves(std::string json, const std::string& leaves) {
  return json.insert(json.size() - 2, "," + leaves);
}

// The SHA-1 that names a key where a certificate names no issuer: what OpenSSL
// writes as the subject key identifier.
std::string HashOfKey(const Identity& identity) {
  const ASN1_BIT_STRING* bits =
      X509_get0_pubkey_bitstr(identity.certificate.get());
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(ASN1_STRING_get0_data(bits), ASN1_STRING_length(bits),
       reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// RV-02, RV-03, PN-03, PN-09, PV-04: what is enclosed decides the pin; where it
// stands, and what of the pledge's lies beside it, does not.
TEST_F(Desk, ThePinDependsOnWhatIsEnclosedAndNotOnItsOrder) {
  const Identity sub_ca = testing::MakeIdentity(Spec("sub", true), &domain_ca_);
  const Identity below = RegistrarOf(sub_ca);
  const std::string own = registrar_.CertificateDer();
  const std::string ca = domain_ca_.CertificateDer();
  const std::string sub = sub_ca.CertificateDer();
  const std::string idevid = Pledge(kSerial).CertificateDer();
  const std::string idevid_ca = idevid_ca_.CertificateDer();
  const struct {
    const char* what;
    const Identity& by;
    std::vector<std::string> enclosed;
    std::string pinned;
  } cases[] = {
      {"signer first", registrar_, {own, ca}, ca},
      {"CA first", registrar_, {ca, own}, ca},
      {"alone", registrar_, {own}, own},
      {"three, root first", below, {ca, sub, below.CertificateDer()}, sub},
      {"three, shuffled", below, {sub, below.CertificateDer(), ca}, sub},
      {"up to the sub CA", below, {sub, below.CertificateDer()}, sub},
      {"pledge's first", registrar_, {idevid, idevid_ca, own, ca}, ca},
      {"pledge's between", registrar_, {ca, idevid_ca, idevid, own}, ca},
      {"pledge's and alone", registrar_, {idevid_ca, idevid, own}, own},
  };
  for (const auto& c : cases) {
    const auto voucher = Ask(SignedWith(
        testing::RequestJson(RegistrarLeaves(kSerial)), c.by, c.enclosed));
    ASSERT_TRUE(voucher.ok()) << c.what << ": " << voucher.status();
    EXPECT_EQ(voucher->pinned_domain_cert_der, c.pinned) << c.what;
    EXPECT_TRUE(wire::Certificate::Parse(voucher->pinned_domain_cert_der).ok());
  }
}

// RV-04: an anchor is one for its own request; a CA of the same name that did
// not sign does not hold the chain of the next.
TEST_F(Desk, AnAnchorServesOneRequestOnly) {
  const Identity impostor = testing::MakeIdentity(Spec("domain ca", true));
  const Identity theirs = RegistrarOf(impostor);
  const std::string json = testing::RequestJson(RegistrarLeaves(kSerial));
  ASSERT_TRUE(
      Ask(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_)).ok());
  // The true CA's key identifier is not the one in the impostor's leaf, so the
  // leaf stands alone; nothing of the first request is pinned.
  const auto alone = Ask(SignedWith(
      json, theirs, {theirs.CertificateDer(), domain_ca_.CertificateDer()}));
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(alone->pinned_domain_cert_der, theirs.CertificateDer());
  // Without key identifiers the name leads to the true CA, whose key did not
  // sign.
  CertificateSpec bare_ca = Spec("bare ca", true);
  bare_ca.key_identifiers = false;
  CertificateSpec bare = Spec("registrar", false);
  bare.key_identifiers = false;
  bare.extended_key_usages = {testing::kCmcRa};
  const Identity true_ca = testing::MakeIdentity(bare_ca);
  const Identity false_ca = testing::MakeIdentity(bare_ca);
  const Identity honest = testing::MakeIdentity(bare, &true_ca);
  const Identity forged = testing::MakeIdentity(bare, &false_ca);
  ASSERT_TRUE(Ask(Signed(RegistrarLeaves(kSerial), honest, true_ca)).ok());
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves(kSerial), forged, true_ca)),
            Reason::kChainInvalid);
}

// RV-09: being the recorded owner's does not replace cmcRA.
TEST_F(Desk, TheOwnersRegistrarNeedsCmcRaToo) {
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("OWNED-1"),
                           RegistrarOf(domain_ca_, false), domain_ca_)),
            Reason::kRegistrarNotAuthorized);
}

// RV-10, RV-33: cmcRA alone and critical, or among others; RSA or EC.
TEST_F(Desk, RegistrarsOfEachKeyAndUsageAreServed) {
  const struct {
    const char* what;
    KeyKind key;
    std::vector<std::string> usages;
  } cases[] = {
      {"RSA", KeyKind::kRsa2048, {testing::kCmcRa}},
      {"P-384", KeyKind::kP384, {testing::kCmcRa}},
      {"with TLS usages",
       KeyKind::kP256,
       {testing::kClientAuth, testing::kCmcRa, testing::kServerAuth}},
  };
  for (const auto& c : cases) {
    CertificateSpec ca_spec = Spec("ca", true);
    ca_spec.key = c.key;
    const Identity ca = testing::MakeIdentity(ca_spec);
    CertificateSpec spec = Spec("registrar", false);
    spec.key = c.key;
    spec.extended_key_usages = c.usages;
    spec.extended_key_usage_critical = true;
    const auto voucher = Ask(
        Signed(RegistrarLeaves(kSerial), testing::MakeIdentity(spec, &ca), ca));
    ASSERT_TRUE(voucher.ok()) << c.what << ": " << voucher.status();
    EXPECT_EQ(voucher->pinned_domain_cert_der, ca.CertificateDer()) << c.what;
  }
}

// RV-20, RV-21, RV-22, RV-23, VL-12: what a registrar may not decide is not
// read, and what nobody knows does no harm.
TEST_F(Desk, LeavesThatProveNothingChangeNothing) {
  const std::string other = testing::Base64(other_ca_.CertificateDer());
  const std::string mine = testing::Base64(registrar_.CertificateDer());
  const std::string cases[] = {
      "\"pinned-domain-cert\":\"" + other + "\"",
      R"("last-renewal-date":"2031-01-01T00:00:00Z")",
      R"("domain-cert-revocation-checks":true)",
      R"("assertion":"verified")",
      "\"proximity-registrar-cert\":\"" + mine + "\"",
      R"("extensions":["x"],"of-another-year":{"a":[1,{"b":null}]})",
  };
  for (const std::string& leaves : cases) {
    const auto voucher = Ask(SignedWith(
        WithLeaves(testing::RequestJson(RegistrarLeaves(kSerial)), leaves),
        registrar_,
        {registrar_.CertificateDer(), domain_ca_.CertificateDer()}));
    ASSERT_TRUE(voucher.ok()) << leaves << voucher.status();
    EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer())
        << leaves;
    EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_LOGGED) << leaves;
    EXPECT_FALSE(voucher->domain_cert_revocation_checks) << leaves;
  }
}

// RV-26: who proves nothing hears the same of every serial number.
TEST_F(Desk, UnprovenRequestsLearnNothingOfDevices) {
  CmsOptions bare;
  bare.signed_attributes = false;
  const auto answer = [this](const std::string& body) {
    return registrar_desk_->RequestVoucher(Call(body)).status();
  };
  const auto no_ra = [this](const char* serial) {
    return Signed(RegistrarLeaves(serial), RegistrarOf(domain_ca_, false),
                  domain_ca_);
  };
  const auto unsigned_by = [&](const char* serial) {
    return testing::SignCms(testing::RequestJson(RegistrarLeaves(serial)),
                            registrar_, bare);
  };
  for (const char* serial : {kSerial, "OWNED-1"}) {
    EXPECT_EQ(answer(no_ra(serial)), answer(no_ra("NONE")));
    EXPECT_EQ(answer(unsigned_by(serial)), answer(unsigned_by("NONE")));
  }
}

class SharedSerial : public Desk {
 protected:
  void SetUp() override {
    for (const auto& [product, issuer] :
         {std::pair<const char*, const Identity&>{"default", idevid_ca_},
          {"owned", second_ca_}}) {
      storage::Device device;
      device.tenant_id = "acme";
      device.serial_number = "TWIN";
      device.product_id = product;
      device.organization_id = "org-acme";
      device.idevid_issuer = HashOfKey(issuer);
      ASSERT_TRUE(store_
                      .Import({}, "test", Noon(), {device},
                              storage::OnConflict::kFail)[0]
                      .ok());
    }
  }

  std::string For(const Identity& issuer) {
    RequestLeaves leaves = RegistrarLeaves("TWIN");
    leaves.idevid_issuer = wire::AuthorityKeyIdExtension(HashOfKey(issuer));
    return Signed(leaves, registrar_, domain_ca_);
  }

  Identity second_ca_ = testing::MakeIdentity(Spec("second", true));
};

// RV-13, VL-07, AL-02, OW-15: one serial number, two products: the issuer
// tells them apart, the voucher says which, and each has a log of its own.
TEST_F(SharedSerial, TheIssuerTellsDevicesApart) {
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("TWIN"), registrar_, domain_ca_)),
            Reason::kDeviceAmbiguous);
  const auto first = Ask(For(idevid_ca_));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->idevid_issuer,
            wire::AuthorityKeyIdExtension(HashOfKey(idevid_ca_)));
  const auto no_log = Log(For(second_ca_));
  ASSERT_TRUE(Ask(For(second_ca_)).ok());
  EXPECT_EQ(ReasonOf(no_log.status()), Reason::kAuditLogUnknown);
  EXPECT_TRUE(Log(For(second_ca_)).ok());
  EXPECT_EQ(Refusal(For(other_ca_)), Reason::kDeviceUnknown);
}

// AMB-22, SE-06, RV-13: who may know none of them is not told that there are
// several.
TEST_F(SharedSerial, AStrangerIsToldOnlyOfDevicesThatAreAnybodys) {
  const Identity stranger = testing::MakeIdentity(Spec("nobody", true));
  const auto refusal = [&](const std::string& serial) {
    return registrar_desk_
        ->RequestVoucher(Call(
            Signed(RegistrarLeaves(serial), RegistrarOf(stranger), stranger)))
        .status();
  };
  EXPECT_EQ(ReasonOf(refusal("TWIN")), Reason::kDeviceAmbiguous);
  ChangeProduct(
      [](auto* p) { p->set_ownership(masa::v1::OWNERSHIP_RULE_REQUIRED); });
  EXPECT_EQ(ReasonOf(refusal("TWIN")), Reason::kDeviceUnknown);
  EXPECT_EQ(refusal("TWIN"), refusal("NONE"));
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("TWIN"), RegistrarOf(other_ca_),
                           other_ca_)),
            Reason::kDeviceAmbiguous);
}

// RV-13, RV-16: the fallback names no issuer; the IDevID does, by its chain or
// by itself.
TEST_F(SharedSerial, TheFallbackFindsTheDeviceOfTheIdevidsIssuer) {
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_tenants(0)->add_idevid_anchors_der(
      second_ca_.CertificateDer());
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  clock_.Advance(absl::Seconds(6));
  for (const bool has_key_identifiers : {false, true}) {
    for (const Identity* issuer : {&idevid_ca_, &second_ca_, &other_ca_}) {
      CertificateSpec spec = Spec("pledge", false);
      spec.subject_serial_number = "TWIN";
      spec.key_identifiers = has_key_identifiers;
      const Identity pledge = testing::MakeIdentity(spec, issuer);
      RequestLeaves leaves = RegistrarLeaves("TWIN");
      leaves.idevid_issuer = HashOfKey(pledge);
      leaves.prior_signed_voucher_request =
          testing::SignCms(testing::RequestJson(PledgeLeaves("TWIN")), pledge);
      const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
      EXPECT_EQ(voucher.ok(), issuer != &other_ca_) << voucher.status();
      if (voucher.ok()) {
        EXPECT_EQ(voucher->idevid_issuer,
                  wire::AuthorityKeyIdExtension(HashOfKey(*issuer)));
      }
    }
  }
}

// RV-14, RV-15, VL-07: absent where the serial number is enough, or in any of
// the four encodings; the voucher leaves it out.
TEST_F(Desk, TheIssuerIsReadInEachEncoding) {
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "S-3";
  device.product_id = "default";
  const std::string key_id = HashOfKey(idevid_ca_);
  device.idevid_issuer = key_id;
  ASSERT_TRUE(
      store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
          .ok());
  const std::string sequence = "\x30\x16\x80\x14" + key_id;
  const std::optional<std::string> cases[] = {std::nullopt,
                                              "\x04\x18" + sequence, sequence,
                                              "\x04\x14" + key_id, key_id};
  for (const auto& issuer : cases) {
    RequestLeaves leaves = RegistrarLeaves("S-3");
    leaves.idevid_issuer = issuer;
    leaves.prior_signed_voucher_request = testing::SignCms(
        testing::RequestJson(PledgeLeaves("S-3")), Pledge("S-3"));
    const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY);
    EXPECT_FALSE(voucher->idevid_issuer.has_value());
  }
}

struct IssuerCase {
  const char* what;
  bool named_in_idevid;  // it has an AKI
  bool recorded;         // the device's record names the issuer
  std::string leaf;
  Reason reason;  // kInternal: a voucher
};

// RV-16, RV-17, AMB-08, AMB-21: the leaf agrees with the IDevID, or is the
// fallback made of its key.
TEST_F(Desk, TheIssuerAgreesWithTheIdevid) {
  const std::string ca = HashOfKey(idevid_ca_);
  const std::string other = HashOfKey(other_ca_);
  const std::string own = "own";  // replaced by the hash of the pledge's key
  const IssuerCase cases[] = {
      {"AKI, leaf of the CA", true, false, ca, Reason::kInternal},
      {"AKI, fallback", true, true, own, Reason::kInternal},
      {"AKI, other leaf", true, false, other, Reason::kIssuerMismatch},
      {"no AKI, fallback", false, false, own, Reason::kInternal},
      {"no AKI, fallback, recorded", false, true, own, Reason::kInternal},
      {"no AKI, leaf of the CA", false, false, ca, Reason::kInternal},
      {"no AKI, leaf of the CA, recorded", false, true, ca, Reason::kInternal},
      {"no AKI, other leaf", false, false, other, Reason::kIssuerMismatch},
      {"record of another", true, true, other, Reason::kDeviceUnknown},
  };
  int number = 0;
  for (const IssuerCase& c : cases) {
    const std::string serial = "I-" + std::to_string(++number);
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = serial;
    device.product_id = "default";
    if (c.recorded) {
      device.idevid_issuer = ca;
    }
    ASSERT_TRUE(
        store_
            .Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
            .ok());
    CertificateSpec spec = Spec("pledge", false);
    spec.subject_serial_number = serial;
    spec.key_identifiers = c.named_in_idevid;
    const Identity pledge = testing::MakeIdentity(spec, &idevid_ca_);
    RequestLeaves leaves = RegistrarLeaves(serial);
    leaves.idevid_issuer = c.leaf == own ? HashOfKey(pledge) : c.leaf;
    leaves.prior_signed_voucher_request =
        testing::SignCms(testing::RequestJson(PledgeLeaves(serial)), pledge);
    const auto voucher = Ask(Signed(leaves, registrar_, domain_ca_));
    EXPECT_EQ(voucher.ok(), c.reason == Reason::kInternal)
        << c.what << ": " << voucher.status();
    EXPECT_EQ(InfoOf(ReasonOf(voucher.status())).name, InfoOf(c.reason).name)
        << c.what;
  }
}

// RV-13, AMB-21: an IDevID that names no issuer is not taken for that of a
// device on record with another.
TEST_F(Desk, AnIdevidOfAnotherIssuerIsNotTheDeviceOnRecord) {
  const Identity second = testing::MakeIdentity(Spec("second", true));
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_tenants(0)->add_idevid_anchors_der(second.CertificateDer());
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "S-4";
  device.product_id = "default";
  device.idevid_issuer = HashOfKey(idevid_ca_);
  ASSERT_TRUE(
      store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
          .ok());
  CertificateSpec spec = Spec("pledge", false);
  spec.subject_serial_number = "S-4";
  spec.key_identifiers = false;
  const std::string json = testing::RequestJson(PledgeLeaves("S-4"));
  const auto by = [&](const Identity& issuer) {
    return Wrapping(
        testing::SignCms(json, testing::MakeIdentity(spec, &issuer)), "S-4");
  };
  EXPECT_EQ(Refusal(by(second)), Reason::kIssuerMismatch);
  EXPECT_TRUE(Ask(by(idevid_ca_)).ok());
}

}  // namespace
}  // namespace masa::issuance
