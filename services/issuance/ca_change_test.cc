// What a CA's certificates and devices are worth after its key was changed.
#include "services/issuance/test_enrollment.h"
#include "services/testing/status_matchers.h"
#include "services/wire/revocation.h"
#include "services/wire/status_lists.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

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

}  // namespace
}  // namespace masa::issuance
