// What products and tenants may say beyond the defaults, in whole requests.
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "openssl/sha.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

using masa::v1::ASSERTION_LOGGED;
using masa::v1::ASSERTION_PROXIMITY;

std::string SpkiOf(const Identity& identity) {
  return (*wire::Certificate::Parse(identity.CertificateDer()))->spki_der;
}

std::string SpkiSha256Of(const Identity& identity) {
  return (*wire::Certificate::Parse(identity.CertificateDer()))->spki_sha256;
}

class Constrained : public Desk {
 protected:
  Constrained() { container_ = Container::kCose; }

  // A request whose pledge saw `change` made to its leaves.
  template <typename Change>
  std::string Seen(Change change) {
    const Identity pledge = Pledge(kSerial);
    RequestLeaves inner = PledgeLeaves(kSerial);
    inner.proximity_registrar_cert_der.reset();
    change(&inner);
    RequestLeaves outer = RegistrarLeaves(kSerial);
    outer.prior_signed_voucher_request = PledgeSigned(inner, pledge);
    return SignedWithPledge(outer, pledge);
  }
};

// PV-07, CO-15, AMB-20: a key or its hash instead of the certificate; of
// several the first of hash, key, certificate decides.
TEST_F(Constrained, ProximityIsShownByKeyOrHash) {
  const std::string own = SpkiOf(registrar_);
  const std::string hash = SpkiSha256Of(registrar_);
  const std::string other = SpkiOf(other_ca_);
  const std::string other_hash = SpkiSha256Of(other_ca_);
  const std::string certificate = registrar_.CertificateDer();
  EXPECT_EQ(Ask(Seen([&](auto* l) {
              l->proximity_registrar_pubk_der = own;
            }))->assertion,
            ASSERTION_PROXIMITY);
  EXPECT_EQ(Ask(Seen([&](auto* l) {
              l->proximity_registrar_pubk_sha256 = hash;
            }))->assertion,
            ASSERTION_PROXIMITY);
  EXPECT_EQ(Ask(Seen([&](auto* l) {
              l->proximity_registrar_pubk_sha256 = hash;
              l->proximity_registrar_pubk_der = other;
            }))->assertion,
            ASSERTION_PROXIMITY);
  EXPECT_EQ(Refusal(Seen([&](auto* l) {
              l->proximity_registrar_pubk_sha256 = other_hash;
              l->proximity_registrar_pubk_der = own;
            })),
            Reason::kProximityMismatch);
  EXPECT_EQ(Refusal(Seen([&](auto* l) {
              l->proximity_registrar_pubk_der = other;
              l->proximity_registrar_cert_der = certificate;
            })),
            Reason::kProximityMismatch);
}

// PN-06, PN-08, PN-13, AMB-14: the registrar's key and nothing else; the log
// names its hash.
TEST_F(Constrained, TheRegistrarsKeyIsPinned) {
  for (const auto rule : {masa::v1::PIN_RULE_REGISTRAR_PUBK,
                          masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256}) {
    ChangeProduct([&](auto* p) { p->set_pin(rule); });
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.created_on = At(clock_.Now());
    const std::string body = Signed(leaves, registrar_, domain_ca_);
    const auto voucher = Ask(body);
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_TRUE(voucher->pinned_domain_cert_der.empty());
    const bool key = rule == masa::v1::PIN_RULE_REGISTRAR_PUBK;
    EXPECT_EQ(voucher->pinned_domain_pubk_der, key ? SpkiOf(registrar_) : "");
    EXPECT_EQ(voucher->pinned_domain_pubk_sha256,
              key ? "" : SpkiSha256Of(registrar_));
    const auto log = Log(body);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_NE(log->find(absl::Base64Escape(SpkiSha256Of(registrar_))),
              std::string::npos)
        << *log;
  }
}

// PV-10: serial numbers where older devices carry them.
TEST_F(Desk, TheProductSaysWhereTheSerialNumberStands) {
  CertificateSpec spec = Spec(kSerial, false);  // commonName
  const Identity pledge = testing::MakeIdentity(spec, &idevid_ca_);
  const auto body = [&] {
    return Wrapping(PledgeSigned(PledgeLeaves(kSerial), pledge), kSerial);
  };
  EXPECT_EQ(Refusal(body()), Reason::kSerialMismatch);
  ChangeProduct([](auto* p) {
    p->set_serial_source(masa::v1::SERIAL_SOURCE_COMMON_NAME);
  });
  EXPECT_EQ(Ask(body())->assertion, ASSERTION_PROXIMITY);
  ChangeProduct([](auto* p) {
    p->set_serial_source(masa::v1::SERIAL_SOURCE_HARDWARE_MODULE_NAME);
  });
  EXPECT_EQ(Refusal(body()), Reason::kSerialMismatch);
}

// OP-20: IDevIDs of a broken issuer, all or of a time, shown or on record.
TEST_F(Desk, DevicesOfABlockedIssuerGetNothing) {
  const std::string key_id =
      *(*wire::Certificate::Parse(idevid_ca_.CertificateDer()))->subject_key_id;
  const auto block = [&](absl::Time from, absl::Time until) {
    masa::v1::Catalog catalog = Catalog();
    auto* blocked = catalog.mutable_tenants(0)->add_blocked_idevid_issuers();
    blocked->set_key_id(key_id);
    blocked->mutable_from()->set_seconds(absl::ToUnixSeconds(from));
    blocked->mutable_until()->set_seconds(absl::ToUnixSeconds(until));
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
  };
  const std::string with_pledge = Request(kSerial);
  const std::string without =
      Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_);
  const absl::Time made = Noon() - absl::Hours(24 * 30);
  block(made, made + absl::Hours(1));
  EXPECT_EQ(Refusal(with_pledge), Reason::kDeviceBlocked);
  EXPECT_TRUE(Ask(without).ok());    // nothing tells of its issuer
  for (const int hours : {1, -2}) {  // made before the time, and after it
    block(made + absl::Hours(hours), made + absl::Hours(hours + 1));
    EXPECT_TRUE(Ask(with_pledge).ok()) << hours;
  }
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "S-7";
  device.product_id = "default";
  device.idevid_issuer = key_id;
  ASSERT_TRUE(
      store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)[0]
          .ok());
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves("S-7"), registrar_, domain_ca_)),
            Reason::kDeviceBlocked);
}

// RV-30, VI-10: a blocked domain gets nothing from then on, nor a repeat of
// what it got; lifted, it is served again.
TEST_F(Desk, ABlockedDomainGetsNothing) {
  const std::string body = Request(kSerial);
  ASSERT_TRUE(Ask(body).ok());
  masa::v1::Catalog catalog;
  auto* domain = catalog.add_blocked_domains();
  domain->set_tenant_id("acme");
  domain->set_spki_sha256(SpkiSha256Of(domain_ca_));
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  EXPECT_EQ(Refusal(body), Reason::kDomainBlocked);
  EXPECT_EQ(Refusal(Request("OWNED-1")), Reason::kDomainBlocked);
  EXPECT_TRUE(
      Ask(Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_), other_ca_))
          .ok());
  domain->set_lifted(true);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  EXPECT_TRUE(Ask(body).ok());
}

// OW-10, EP-32: the first claim holds until an owner is recorded.
TEST_F(Desk, TheFirstClaimMayLock) {
  const std::string first = Request(kSerial);
  const std::string second =
      Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_), other_ca_);
  ChangeProduct(
      [](auto* p) { p->set_ownership(masa::v1::OWNERSHIP_RULE_FIRST_CLAIM); });
  ASSERT_TRUE(Ask(first).ok());
  EXPECT_EQ(Refusal(second), Reason::kOwnerMismatch);
  EXPECT_TRUE(
      Ask(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_)).ok());
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-other")[0]
          .ok());
  EXPECT_TRUE(Ask(second).ok());
  EXPECT_EQ(Refusal(first), Reason::kOwnerMismatch);
}

// SE-02, AMB-25, EP-42: a second domain waits; the first one's retry does not.
// Off unless the product says so (VI-18).
TEST_F(Desk, ADeviceIsNotClaimedByTwoDomainsAtOnce) {
  const std::string first = Request(kSerial);
  const auto second = [&](int seconds_ago) {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.created_on = At(Noon() - absl::Seconds(seconds_ago));
    return Signed(leaves, RegistrarOf(other_ca_), other_ca_);
  };
  ChangeProduct([](auto* p) { p->mutable_claim_interval()->set_seconds(60); });
  ASSERT_TRUE(Ask(first).ok());
  EXPECT_EQ(Refusal(second(1)), Reason::kRateLimited);
  EXPECT_EQ(InfoOf(Reason::kRateLimited).http_status, 429);
  EXPECT_EQ(WaitOf(registrar_desk_->RequestVoucher(Call(second(1))).status()),
            absl::Seconds(60));
  EXPECT_TRUE(Ask(first).ok());
  clock_.Advance(absl::Seconds(61));
  EXPECT_TRUE(Ask(second(2)).ok());
}

// SE-01: a registrar gets so many new vouchers in each interval; what it asks
// for again, and other registrars, are served.
TEST_F(Desk, ARegistrarGetsSoManyVouchersInAnInterval) {
  masa::v1::Catalog catalog = Catalog();
  auto* limit = catalog.mutable_tenants(0)->mutable_registrar_limit();
  limit->set_vouchers(2);
  limit->mutable_interval()->set_seconds(60);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  for (const char* serial : {"S-2", "S-3"}) {
    Import(serial, "default");
  }
  const auto asked = [this](const std::string& serial, const Identity& ca) {
    return Signed(RegistrarLeaves(serial),
                  ca.key == domain_ca_.key ? registrar_ : RegistrarOf(ca), ca);
  };
  const std::string first = asked(kSerial, domain_ca_);
  ASSERT_TRUE(Ask(first).ok());
  ASSERT_TRUE(Ask(asked("S-2", domain_ca_)).ok());
  const std::string third = asked("S-3", domain_ca_);
  const auto refused = registrar_desk_->RequestVoucher(Call(third));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kRateLimited);
  // Noon is twenty seconds into its minute.
  EXPECT_EQ(WaitOf(refused.status()), absl::Seconds(40));
  EXPECT_EQ(EventsOf("S-3"), 0u);
  EXPECT_TRUE(Ask(first).ok());
  EXPECT_TRUE(Log(first).ok());
  EXPECT_TRUE(Ask(asked("S-3", other_ca_)).ok());
  clock_.Advance(absl::Seconds(40));
  EXPECT_TRUE(Ask(third).ok());
}

// VL-06, SZ-09: false, which is absent, unless the product's devices check.
TEST_F(Desk, RevocationChecksAreTheProducts) {
  EXPECT_FALSE(Ask(Request(kSerial))->domain_cert_revocation_checks);
  ChangeProduct([](auto* p) { p->set_domain_cert_revocation_checks(true); });
  EXPECT_TRUE(Ask(Signed(RegistrarLeaves(kSerial), registrar_, domain_ca_))
                  ->domain_cert_revocation_checks);
}

class Renewal : public Desk {
 protected:
  Renewal() {
    ChangeProduct(
        [](auto* p) { p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER); });
    Own("org-acme");
    const auto answer = registrar_desk_->RequestVoucher(
        Call(Nonceless(registrar_, domain_ca_)));
    EXPECT_TRUE(answer.ok()) << answer.status();
    old_voucher_ = answer.ok() ? answer->body : "";
    clock_.Advance(absl::Minutes(21));
    Own("");
  }

  void Own(const std::string& organization) {
    EXPECT_TRUE(store_
                    .Assign({}, "test", Noon(), {{"acme", kSerial, {}}},
                            organization)[0]
                    .ok());
  }

  std::string Nonceless(const Identity& by, const Identity& ca,
                        const std::string& prior = "") {
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.nonce.reset();
    leaves.created_on = At(clock_.Now());
    if (!prior.empty()) {
      leaves.prior_signed_voucher_request = prior;
    }
    return Signed(leaves, by, ca);
  }

  std::string old_voucher_;
};

// RV-28, RV-29, VI-12: no owner is on record any more, and the domain that had
// a voucher gets it renewed: with its pin, and logged.
TEST_F(Renewal, TheSameDomainRenewsWithoutOwnership) {
  const auto voucher = Ask(Nonceless(RegistrarOf(domain_ca_), domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  EXPECT_EQ(voucher->expires_on, clock_.Now() + absl::Minutes(20));
  EXPECT_EQ(EventsOf(kSerial), 2u);
  EXPECT_EQ(Refusal(Nonceless(RegistrarOf(other_ca_), other_ca_)),
            Reason::kRegistrarUnknown);
}

// RV-28: nor does it matter how many vouchers strangers got since.
TEST_F(Renewal, StrangersVouchersTakeNoRenewalAway) {
  Flood(kSerial, 1000);
  EXPECT_TRUE(Ask(Nonceless(RegistrarOf(domain_ca_), domain_ca_)).ok());
}

// VI-12: a renewed voucher pins what the old one did, though the product pins
// otherwise by now.
TEST_F(Renewal, KeepsThePin) {
  ChangeProduct([](auto* p) {
    p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
    p->set_pin(masa::v1::PIN_RULE_END_ENTITY);
  });
  const auto voucher = Ask(Nonceless(registrar_, domain_ca_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
}

// RV-28, OW-06: what another customer owns by now is not renewed.
TEST_F(Renewal, ASoldDeviceIsNotRenewed) {
  Own("org-other");
  for (const std::string& prior : {std::string(), old_voucher_}) {
    EXPECT_EQ(Refusal(Nonceless(registrar_, domain_ca_, prior)),
              Reason::kRegistrarUnknown);
  }
}

// RV-28: what the manufacturer knows was given back is not renewed, though the
// product asks for an owner or not.
TEST_F(Renewal, AReturnedDeviceIsNotRenewed) {
  storage::Device device =
      store_.Find({}, {{{"acme", kSerial, {}}, ""}})[0]->device;
  device.state = storage::DeviceState::kReturned;
  ASSERT_TRUE(
      store_
          .Import({}, "test", Noon(), {device}, storage::OnConflict::kUpdate)[0]
          .ok());
  for (const std::string& prior : {std::string(), old_voucher_}) {
    EXPECT_EQ(Refusal(Nonceless(registrar_, domain_ca_, prior)),
              Reason::kRegistrarUnknown);
  }
  ChangeProduct([](auto* p) {
    p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
    p->set_ownership(masa::v1::OWNERSHIP_RULE_REQUIRED);
  });
  EXPECT_EQ(Refusal(Nonceless(registrar_, domain_ca_)),
            Reason::kDeviceNotOwned);
}

// RV-31, AMB-11, SE-05: an own voucher instead of the pledge's request, in
// each format; a forged one, or one for another device, is refused.
TEST_F(Renewal, AnOldVoucherMayStandForThePledge) {
  const auto voucher = Ask(Nonceless(registrar_, domain_ca_, old_voucher_));
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->pinned_domain_cert_der, domain_ca_.CertificateDer());
  const std::string content = wire::ParseCms(old_voucher_)->payload;
  const std::string forged =
      testing::SignCms(content, testing::MakeIdentity(Spec("masa", false)));
  EXPECT_EQ(Refusal(Nonceless(registrar_, domain_ca_, forged)),
            Reason::kPriorSignedInvalid);
  RequestLeaves other = RegistrarLeaves("OWNED-1");
  other.nonce.reset();
  other.created_on = At(clock_.Now());
  other.prior_signed_voucher_request = old_voucher_;
  EXPECT_EQ(Refusal(Signed(other, registrar_, domain_ca_)),
            Reason::kPriorSignedInvalid);
}

// PV-01, RV-31: a voucher is no secret. Another domain's does not stand for
// the pledge's signature, nor does an own one for a request with a nonce.
TEST_F(Renewal, AnOldVoucherExcusesNoPledge) {
  ChangeProduct([](auto* p) {
    p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
    p->set_prior_signed_required(true);
  });
  EXPECT_TRUE(Ask(Nonceless(registrar_, domain_ca_, old_voucher_)).ok());
  RequestLeaves nonced = RegistrarLeaves(kSerial);
  nonced.created_on = At(clock_.Now());
  nonced.prior_signed_voucher_request = old_voucher_;
  EXPECT_EQ(Refusal(Signed(nonced, RegistrarOf(other_ca_), other_ca_)),
            Reason::kPriorSignedRequired);
  EXPECT_EQ(Refusal(Signed(nonced, registrar_, domain_ca_)),
            Reason::kPriorSignedRequired);
}

// RV-30: revoking the registrar's credential, or blocking, ends renewal.
TEST_F(Renewal, EndsWithTheCustomersCertificate) {
  masa::v1::Catalog change;
  AddDomain(&change, "org-acme", other_ca_);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), change).ok());
  EXPECT_EQ(Refusal(Nonceless(registrar_, domain_ca_)),
            Reason::kRegistrarUnknown);
}

}  // namespace
}  // namespace masa::issuance
