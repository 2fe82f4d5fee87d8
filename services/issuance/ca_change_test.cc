// What a CA's certificates and devices are worth after its key was changed.
#include "services/issuance/test_enrollment.h"
#include "services/status/reason.h"
#include "services/testing/status_matchers.h"
#include "services/wire/revocation.h"
#include "services/wire/status_lists.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using testing::HasReason;
using testing::IsOk;
using Status = wire::OcspAnswer::Status;

class CaChange : public Enrolling {
 protected:
  // From now on `ca@1` signs; what was signed before is by `ca`.
  void ChangeKey() {
    signer_ =
        *signing::LocalSigner::New({Source("ca", ca_), Source("ca@1", next_)});
    Trust({ca_, next_});
    storage::KeyVersion version;
    version.key = "ca";
    version.version = 1;
    version.tenant_id = "acme";
    version.spki_der = Read(next_.CertificateDer())->spki_der;
    version.chain_der = {next_.CertificateDer()};
    version.created_at = clock_.Now();
    version.not_before = clock_.Now();
    ASSERT_THAT(store_.WriteKey({}, "ada", clock_.Now(),
                                {storage::kKeyActivated, version}),
                IsOk());
    clock_.Advance(absl::Minutes(1));  // longer than versions lag
  }

  void RetireTheFirst() {
    storage::KeyVersion version;
    version.key = "ca";
    version.tenant_id = "acme";
    version.retired_at = clock_.Now();
    ASSERT_THAT(store_.WriteKey({}, "ada", clock_.Now(),
                                {storage::kKeyRetired, version}),
                IsOk());
    clock_.Advance(absl::Minutes(1));
  }

  void Trust(const std::vector<testing::Identity>& anchors) {
    masa::v1::Catalog catalog = Catalog();
    auto* tenant = catalog.mutable_tenants(0);
    tenant->clear_idevid_anchors_der();
    for (const testing::Identity& anchor : anchors) {
      tenant->add_idevid_anchors_der(anchor.CertificateDer());
    }
    ASSERT_THAT(store_.Apply({}, "test", clock_.Now(), catalog), IsOk());
    clock_.Advance(absl::Minutes(1));
  }

  static wire::Certificate Read(const std::string& der) {
    return *wire::Certificate::Parse(der);
  }

  // What is told of a certificate whose issuer that is, if `ca` signed it; none
  // where nothing is told.
  std::optional<Status> Told(const std::string& der,
                             const testing::Identity& ca) {
    const auto issuer = Read(ca.CertificateDer());
    const auto answer =
        status_.Ocsp({}, wire::EncodeOcspRequest(Read(der), issuer));
    EXPECT_THAT(answer, IsOk());
    const auto read = wire::ParseOcspResponse(answer->der);
    if (!read.ok()) {
      return std::nullopt;
    }
    EXPECT_TRUE(read->answers[0].IsOf(Read(der), issuer));
    EXPECT_THAT(verifier_.VerifySignature(
                    read->signature.algorithm, issuer->spki_der,
                    read->signature.signed_octets, read->signature.signature),
                IsOk());
    return read->answers[0].status;
  }

  void Revoke(const std::string& der) {
    EXPECT_THAT(operators_.Revoke({}, operator_, Read(der)->serial_der, 4, {}),
                IsOk());
  }

  // Of a device that shows `shown_der`, with a new key.
  EstCall RenewalOf(const std::string& serial, const std::string& shown_der) {
    EstCall call = CallFor(serial);
    call.operation = EstOperation::kSimpleReenroll;
    call.tls_peer_chain_der = {shown_der};
    return call;
  }

  storage::Device OnRecord(const std::string& serial) {
    const auto found = store_.Find({}, {{{"acme", serial, {}}, ""}})[0];
    EXPECT_THAT(found, IsOk());
    return found.ok() ? found->device : storage::Device();
  }

  const testing::Identity next_ = Make("Acme CA 2", true);

 private:
  static signing::LocalKeySource Source(const std::string& name,
                                        const testing::Identity& ca) {
    return {{name,
             ca.CertificatePem(),
             {signing::Kind::kCertificate, signing::Kind::kCrl,
              signing::Kind::kOcspResponse}},
            ca.KeyPem(),
            ""};
  }
};

// Before what was signed ahead is over, and after, and whatever it says.
TEST_F(CaChange, CertificatesOfTheFormerKeyAreToldOfByIt) {
  const std::string kept = Enrolled("S-1"), revoked = Enrolled("S-2"),
                    later = Enrolled("S-3");
  Revoke(revoked);
  ChangeKey();
  Revoke(later);
  EXPECT_THAT(signing_ahead_.RunTurn({}), IsOk());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Told(kept, ca_), Status::kGood);
    EXPECT_EQ(Told(revoked, ca_), Status::kRevoked);
    EXPECT_EQ(Told(later, ca_), Status::kRevoked);
    clock_.Advance(absl::Hours(25));
  }
  EXPECT_EQ(signing_ahead_.RunTurn({})->failed, 0);
  EXPECT_EQ(Told(later, ca_), Status::kRevoked);
  EXPECT_EQ(Told(later, next_), std::nullopt) << "it never issued that";
  const std::string made = Enrolled("S-4");
  EXPECT_EQ(Told(made, next_), Status::kGood);
  EXPECT_EQ(Told(made, ca_), std::nullopt);
}

// ADR 0056: the device stays the one on record.
TEST_F(CaChange, ARenewalStaysWithItsCa) {
  const std::string first = Enrolled("S-1"), blocked = Enrolled("S-2");
  store_.SetBlocked({}, "ada", Noon(), {{"acme", "S-2", {}}}, true);
  const storage::Device before = OnRecord("S-1");
  ChangeKey();
  const auto renewed = desk_.AskOne(RenewalOf("S-1", first));
  ASSERT_THAT(renewed, IsOk());
  const std::string& second = renewed->certificates_der.front();
  EXPECT_EQ(Read(second)->authority_key_id, Read(first)->authority_key_id);
  EXPECT_THAT(
      verifier_.VerifyChain({second, {}, {ca_.CertificateDer()}, clock_.Now()}),
      IsOk());
  const storage::Device after = OnRecord("S-1");
  EXPECT_EQ(after.device_id, before.device_id);
  EXPECT_EQ(after.idevid_cert_der, second);
  EXPECT_EQ(Told(second, ca_), Status::kGood);
  EXPECT_THAT(desk_.AskOne(RenewalOf("S-2", blocked)),
              HasReason(Reason::kDeviceBlocked));
  EXPECT_EQ(OnRecord("S-2").idevid_cert_der, blocked);
  // What is enrolled now is the new key's.
  EXPECT_EQ(Read(Enrolled("S-3"))->authority_key_id,
            Read(next_.CertificateDer())->subject_key_id);
}

TEST_F(CaChange, ARetiredKeyRenewsNothing) {
  const std::string first = Enrolled("S-1");
  ChangeKey();
  RetireTheFirst();
  EXPECT_THAT(desk_.AskOne(RenewalOf("S-1", first)),
              HasReason(Reason::kStateNotAllowed));
  EXPECT_EQ(OnRecord("S-1").idevid_cert_der, first);
  EXPECT_EQ(Told(first, ca_), Status::kGood);
}

TEST_F(CaChange, ACaThatIsTrustedNoMoreRenewsNothing) {
  const std::string first = Enrolled("S-1");
  ChangeKey();
  Trust({next_});
  EXPECT_THAT(desk_.AskOne(RenewalOf("S-1", first)),
              HasReason(Reason::kMisconfigured));
}

// ES-06.
TEST_F(CaChange, ClientsLearnBothCasUntilTheFirstIsRetired) {
  EstCall call;
  call.host = "est.masa.example";
  const auto told = [&] {
    const auto answer = desk_.AskOne(call);
    EXPECT_THAT(answer, IsOk());
    return answer->certificates_der;
  };
  const std::string first = ca_.CertificateDer(), next = next_.CertificateDer();
  EXPECT_EQ(told(), std::vector<std::string>{first});
  ChangeKey();
  EXPECT_EQ(told(), (std::vector<std::string>{next, first}));
  RetireTheFirst();
  EXPECT_EQ(told(), std::vector<std::string>{next});
}

// Whoever has the key of before, the device or a thief.
TEST_F(CaChange, WhoWasSupersededRenewsNothing) {
  const std::string first = Enrolled("S-1");
  const EstCall rekey = RenewalOf("S-1", first);
  const auto second = desk_.AskOne(rekey);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(desk_.AskOne(RenewalOf("S-1", first)),
              HasReason(Reason::kEnrollerNotAllowed));
  EXPECT_EQ(desk_.AskOne(rekey)->certificates_der, second->certificates_der)
      << "an answer that was lost is given again";
  EXPECT_THAT(desk_.AskOne(RenewalOf("S-1", second->certificates_der.front())),
              IsOk());
}

}  // namespace
}  // namespace masa::issuance
