// Whose is a device, and would this domain get it?
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "op", "acme", ""};
}

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization, "acme", organization,
          kAccount};
}

std::string KeyOf(const Identity& ca) {
  return (*wire::Certificate::Parse(ca.CertificateDer()))->spki_sha256;
}

class Resolves : public Desk {
 protected:
  absl::StatusOr<Ownership> Resolve(const identity::Principal& caller,
                                    const std::string& serial,
                                    const std::string& spki_sha256) {
    const auto answers = resolve_desk_->ResolveAll(
        {"", "", absl::InfiniteFuture()}, caller,
        {OwnershipQuestion{{"", serial, {}}, spki_sha256}});
    return answers.ok() ? answers->front() : answers.status();
  }

  // What one question among others hears.
  PendingResolve Pending(const identity::Principal& caller,
                         const std::string& serial, absl::Time deadline,
                         absl::StatusOr<Ownership>* answer) {
    return {{"", "", deadline},
            caller,
            {{"", serial, {}}, KeyOf(domain_ca_)},
            [answer](absl::StatusOr<Ownership> heard) {
              *answer = std::move(heard);
            }};
  }

  // A voucher of the device that pins the domain's key, or a registrar's
  // below it.
  void Claim(const std::string& serial, const Identity& ca, absl::Time at,
             bool pins_ca = true) {
    storage::IssuedVoucher voucher;
    const std::string number = std::to_string(++claims_);
    voucher.voucher_id = std::string(16 - number.size(), 'v') + number;
    voucher.audit_event_id = std::string(16 - number.size(), 'e') + number;
    voucher.tenant_id = "acme";
    voucher.bucket = storage::BucketOf("acme", serial);
    voucher.device_id = storage::DeviceIdOf("acme", serial, {});
    voucher.request_digest = std::string(32 - number.size(), 'd') + number;
    voucher.format = masa::v1::FORMAT_CMS_JSON;
    voucher.voucher = "voucher";
    voucher.assertion = masa::v1::ASSERTION_LOGGED;
    voucher.nonce = "n";
    voucher.created_on = at;
    voucher.domain_id = "domain";
    voucher.pinned_spki_sha256 = pins_ca ? KeyOf(ca) : std::string(32, 'r');
    voucher.issuer_spki_sha256 = pins_ca ? "" : KeyOf(ca);
    voucher.signing_key = "key";
    voucher.actor = "registrar";
    const auto committed = store_.Commit({}, {voucher});
    ASSERT_TRUE(committed[0].ok()) << committed[0].status();
  }

 private:
  int claims_ = 0;
};

TEST_F(Resolves, OwnershipIsResolvedAsTheRulesWould) {
  const std::string domain = KeyOf(domain_ca_);
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
    const auto answer = Resolve(Operator(), c.serial, c.spki);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->decision, c.decision) << c.serial;
  }
}

TEST_F(Resolves, ManyOwnershipsKeepTheirOrderAndTheirOwnOutcomes) {
  const std::string domain = KeyOf(domain_ca_);
  const std::vector<OwnershipQuestion> questions = {
      {{"", "NONE", {}}, domain},
      {{"other-tenant", "OWNED-1", {}}, domain},
      {{"", "OWNED-1", {}}, ""},
      {{"", kSerial, {}}, domain},
  };
  const auto answers = resolve_desk_->ResolveAll({}, Operator(), questions);
  ASSERT_TRUE(answers.ok()) << answers.status();
  ASSERT_EQ(answers->size(), questions.size());
  EXPECT_EQ(ReasonOf((*answers)[0].status()), Reason::kDeviceUnknown);
  EXPECT_EQ((*answers)[1]->decision, OwnershipDecision::kAllow);
  ASSERT_TRUE((*answers)[1]->owner_cert.has_value());
  EXPECT_EQ((*answers)[1]->owner_cert->certificate_der,
            domain_ca_.CertificateDer());
  EXPECT_EQ((*answers)[1]->owner_cert->cert_id, "cert-org-acme");
  EXPECT_EQ((*answers)[1]->assertion, masa::v1::ASSERTION_VERIFIED);
  EXPECT_EQ((*answers)[1]->as_of, clock_.Now());
  EXPECT_EQ((*answers)[2]->decision, OwnershipDecision::kDeny);
  EXPECT_FALSE((*answers)[2]->owner_cert.has_value());
  EXPECT_EQ((*answers)[2]->assertion, masa::v1::ASSERTION_UNSPECIFIED);
  EXPECT_EQ((*answers)[3]->decision, OwnershipDecision::kLogOnly);
  EXPECT_EQ((*answers)[3]->assertion, masa::v1::ASSERTION_LOGGED);
  for (const size_t count : {0, 1001}) {
    EXPECT_EQ(ReasonOf(resolve_desk_
                           ->ResolveAll({}, Operator(),
                                        std::vector<OwnershipQuestion>(count))
                           .status()),
              Reason::kTooManyItems);
  }
}

// Unknown, foreign, unowned, and a serial number that several devices have: a
// customer hears one sentence.
TEST_F(Resolves, CustomersResolveTheirOwnDevicesAlone) {
  for (const char* issuer : {"issuer-1", "issuer-2"}) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = "TWICE";
    device.idevid_issuer = issuer;
    device.product_id = "owned";
    device.organization_id = "org-acme";
    ASSERT_TRUE(
        store_.Import({}, "test", Noon(), {device}, storage::OnConflict::kFail)
            .front()
            .ok());
  }
  const std::vector<OwnershipQuestion> questions = {
      {{"", "NONE", {}}, ""},
      {{"", "OWNED-1", {}}, ""},
      {{"", kSerial, {}}, ""},
      {{"", "TWICE", {}}, ""},
  };
  const auto foreign =
      resolve_desk_->ResolveAll({}, Customer("org-other"), questions);
  ASSERT_TRUE(foreign.ok());
  for (const auto& answer : *foreign) {
    EXPECT_EQ(ReasonOf(answer.status()), Reason::kDeviceUnknown);
    EXPECT_EQ(answer.status(), foreign->front().status());
  }
  const auto own =
      resolve_desk_->ResolveAll({}, Customer("org-acme"), questions);
  ASSERT_TRUE(own.ok());
  EXPECT_TRUE((*own)[1].ok()) << (*own)[1].status();
  EXPECT_EQ(ReasonOf(Resolve(Operator(), "TWICE", "").status()),
            Reason::kDeviceAmbiguous);
}

// What issuance would refuse is not called a matter of logging alone.
TEST_F(Resolves, AFirstClaimersDeviceWithAnOwnerIsThatOwners) {
  ChangeProduct([](masa::v1::Product* product) {
    product->set_ownership(masa::v1::OWNERSHIP_RULE_FIRST_CLAIM);
  });
  const auto decide = [this](const Identity& ca) {
    return Resolve(Operator(), kSerial, KeyOf(ca))->decision;
  };
  EXPECT_EQ(decide(other_ca_), OwnershipDecision::kLogOnly);
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-acme")
          .front()
          .ok());
  EXPECT_EQ(decide(other_ca_), OwnershipDecision::kDeny);
  EXPECT_EQ(decide(domain_ca_), OwnershipDecision::kAllow);
}

// OW-10, as issuance has it: the first domain keeps the device, whether its own
// key is pinned or that of a registrar below it.
TEST_F(Resolves, ADeviceThatWasClaimedIsItsFirstClaimers) {
  ChangeProduct([](masa::v1::Product* product) {
    product->set_ownership(masa::v1::OWNERSHIP_RULE_FIRST_CLAIM);
  });
  Import("BELOW", "default");
  EXPECT_EQ(Resolve(Operator(), kSerial, KeyOf(other_ca_))->reason,
            "ANY_DOMAIN");
  Claim(kSerial, domain_ca_, Noon() - absl::Hours(2));
  Claim(kSerial, other_ca_, Noon() - absl::Hours(1));
  Claim("BELOW", domain_ca_, Noon() - absl::Hours(1), /*pins_ca=*/false);
  for (const char* serial : {kSerial, "BELOW"}) {
    SCOPED_TRACE(serial);
    const auto first = Resolve(Operator(), serial, KeyOf(domain_ca_));
    EXPECT_EQ(first->decision, OwnershipDecision::kLogOnly);
    EXPECT_EQ(first->reason, "FIRST_CLAIMER");
    for (const std::string& key : {KeyOf(other_ca_), std::string()}) {
      const auto other = Resolve(Operator(), serial, key);
      EXPECT_EQ(other->decision, OwnershipDecision::kDeny);
      EXPECT_EQ(other->reason, "OWNER_MISMATCH");
    }
  }
}

// SE-02: the same interval as for vouchers, and it ends.
TEST_F(Resolves, AnotherDomainWaitsForTheClaimInterval) {
  ChangeProduct([](masa::v1::Product* product) {
    product->mutable_claim_interval()->set_seconds(3600);
  });
  Claim(kSerial, domain_ca_, clock_.Now() - absl::Minutes(30));
  EXPECT_EQ(Resolve(Operator(), kSerial, KeyOf(domain_ca_))->decision,
            OwnershipDecision::kLogOnly);
  EXPECT_EQ(Resolve(Operator(), kSerial, KeyOf(other_ca_))->reason,
            "RATE_LIMITED");
  clock_.Advance(absl::Minutes(31));
  EXPECT_EQ(Resolve(Operator(), kSerial, KeyOf(other_ca_))->decision,
            OwnershipDecision::kLogOnly);
}

// OP-20, as issuance has it: by the IDevID on record where the block is for a
// time.
TEST_F(Resolves, DevicesOfABlockedIssuerAreDenied) {
  const std::string key_id =
      *(*wire::Certificate::Parse(idevid_ca_.CertificateDer()))->subject_key_id;
  const Identity idevid = testing::MakeIdentity(Spec("D", false), &idevid_ca_);
  storage::Device device;
  device.tenant_id = "acme";
  device.serial_number = "D";
  device.product_id = "default";
  device.idevid_issuer = key_id;
  device.idevid_cert_der = idevid.CertificateDer();
  ASSERT_TRUE(
      store_.Import({}, "t", Noon(), {device}, storage::OnConflict::kFail)[0]
          .ok());
  const auto reason = [&](const char* serial) {
    return Resolve(Operator(), serial, KeyOf(domain_ca_))->reason;
  };
  EXPECT_EQ(reason("D"), "ANY_DOMAIN");
  const absl::Time made =
      (*wire::Certificate::Parse(idevid.CertificateDer()))->not_before;
  masa::v1::Catalog catalog = Catalog();
  auto* blocked = catalog.mutable_tenants(0)->add_blocked_idevid_issuers();
  blocked->set_key_id(key_id);
  const struct {
    std::optional<absl::Time> from;
    const char* reason;
  } cases[] = {{std::nullopt, "DEVICE_BLOCKED"},
               {made, "DEVICE_BLOCKED"},
               {made + absl::Hours(1), "ANY_DOMAIN"}};
  for (const auto& c : cases) {
    if (c.from) {
      blocked->mutable_from()->set_seconds(absl::ToUnixSeconds(*c.from));
    }
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
    EXPECT_EQ(reason("D"), c.reason);
    EXPECT_EQ(reason(kSerial), "ANY_DOMAIN");
  }
}

TEST_F(Resolves, RevocationIsCheckedWhereTheCertificateOrTheProductSaysSo) {
  EXPECT_FALSE(
      Resolve(Operator(), "OWNED-1", KeyOf(domain_ca_))->revocation_checks);
  masa::v1::Catalog catalog = Catalog();
  catalog.mutable_domain_certs(0)->set_revocation_checks(true);
  ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
  EXPECT_TRUE(
      Resolve(Operator(), "OWNED-1", KeyOf(domain_ca_))->revocation_checks);
  EXPECT_FALSE(
      Resolve(Operator(), kSerial, KeyOf(domain_ca_))->revocation_checks);
  ChangeProduct([](masa::v1::Product* product) {
    product->set_domain_cert_revocation_checks(true);
  });
  EXPECT_TRUE(
      Resolve(Operator(), kSerial, KeyOf(domain_ca_))->revocation_checks);
}

// Callers of several tenants and accounts share a statement, never an answer.
TEST_F(Resolves, WhoAsksTogetherHearsHisOwn) {
  const absl::Time later = absl::InfiniteFuture();
  identity::Principal elsewhere = Operator();
  elsewhere.tenant_id = "another";
  std::vector<absl::StatusOr<Ownership>> heard(
      5, absl::UnknownError("heard nothing"));
  std::vector<PendingResolve> calls;
  calls.push_back(Pending(Operator(), "OWNED-1", later, &heard[0]));
  calls.push_back(Pending(Customer("org-other"), "OWNED-1", later, &heard[1]));
  calls.push_back(Pending(Customer("org-acme"), "OWNED-1", later, &heard[2]));
  calls.push_back(Pending(elsewhere, "OWNED-1", later, &heard[3]));
  calls.push_back(Pending(Operator(), "OWNED-1", clock_.Now(), &heard[4]));
  const int before = store_.Calls();
  resolve_desk_->Resolve(std::move(calls));
  EXPECT_TRUE(heard[0].ok()) << heard[0].status();
  EXPECT_EQ(ReasonOf(heard[1].status()), Reason::kDeviceUnknown);
  EXPECT_TRUE(heard[2].ok()) << heard[2].status();
  EXPECT_EQ(ReasonOf(heard[3].status()), Reason::kDeviceUnknown);
  EXPECT_EQ(ReasonOf(heard[4].status()), Reason::kDeadlineExceeded);
  // The policies, the devices, and what each of two accounts sees.
  EXPECT_LE(store_.Calls() - before, 4);
}

TEST_F(Resolves, AStoreThatFailsIsSaidToEach) {
  ASSERT_TRUE(Resolve(Operator(), "OWNED-1", "").ok());
  store_.FailNext(MemoryStore::Failure::kUnstored);
  EXPECT_EQ(ReasonOf(Resolve(Operator(), "OWNED-1", "").status()),
            Reason::kStoreUnavailable);
  ChangeProduct([](masa::v1::Product* product) {
    product->set_ownership(masa::v1::OWNERSHIP_RULE_FIRST_CLAIM);
  });
  ASSERT_TRUE(Resolve(Operator(), kSerial, "").ok());
  // The claims cannot be read: nobody is let through.
  store_.Stop(true);
  EXPECT_EQ(ReasonOf(Resolve(Operator(), kSerial, "").status()),
            Reason::kStoreUnavailable);
}

}  // namespace
}  // namespace masa::issuance
